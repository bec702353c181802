package dev.lockstep.chat.jinja;

import java.util.List;
import java.util.Map;

/** Attributes and items of values: tables of this package and the elements of collections, never a class's own. */
final class Members {
    /** Stands for an attribute that is none. */
    private static final Object NONE = new Object();

    private Members() {}

    /** {@code value.name}, undefined where there is none. */
    static Object attribute(Object value, String name) {
        Object member = member(value, name);
        if (member == null && value instanceof Map<?, ?> map && map.containsKey(name)) {
            return map.get(name);
        }
        return member == null ? absent(value, name) : unwrapped(member);
    }

    /** {@code value[key]}, undefined where there is none. */
    static Object item(Object value, Object key) {
        if (value instanceof Map<?, ?> map && !(key instanceof List) && map.containsKey(key)) {
            return map.get(key);
        }
        Long index = Values.whole(key);
        if (index != null && (value instanceof List || value instanceof String)) {
            return element(value, index);
        }
        Object member = key instanceof String name ? member(value, name) : null;
        return member == null ? absent(value, key instanceof String ? key : Values.typeName(key)) : unwrapped(member);
    }

    private static Object element(Object value, long index) {
        long length = Values.length(value);
        long place = index < 0 ? index + length : index;
        if (place < 0 || place >= length) {
            return new Undefined("element " + index + " of " + Values.typeName(value) + " with " + length);
        }
        if (value instanceof String text) {
            int at = text.offsetByCodePoints(0, (int) place);
            return Character.toString(text.codePointAt(at));
        }
        return ((List<?>) value).get((int) place);
    }

    /** A method or attribute; {@link #NONE} for one that is none, Java's null where there is no such member. */
    private static Object member(Object value, String name) {
        if (value instanceof Loop loop) {
            Object attribute = loop.get(name);
            return attribute == null ? NONE : attribute;
        }
        if (value instanceof Namespace namespace) {
            Object attribute = namespace.get(name);
            return attribute == null ? NONE : attribute;
        }
        Callable method = value instanceof String
                ? StringMethods.ALL.get(name)
                : value instanceof Map
                        ? CollectionMethods.OF_DICTS.get(name)
                        : value instanceof List ? CollectionMethods.OF_LISTS.get(name) : null;
        if (method == null) {
            return null;
        }
        return (Callable) (arguments, budget) -> method.call(arguments.after(value), budget);
    }

    private static Object unwrapped(Object member) {
        return member == NONE ? null : member;
    }

    private static Undefined absent(Object value, Object key) {
        if (value instanceof Undefined undefined) {
            throw undefined.error();
        }
        return new Undefined("'" + key + "' of " + Values.typeName(value));
    }
}
