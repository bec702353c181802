package dev.lockstep.chat.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What all values have in common, as in Python. */
final class Values {
    private Values() {}

    /** Whether a value counts as true: empty texts and collections, zero, none and undefined do not. */
    static boolean truth(Object value) {
        if (value instanceof Boolean flag) {
            return flag;
        }
        if (value instanceof String text) {
            return !text.isEmpty();
        }
        if (value instanceof List<?> list) {
            return !list.isEmpty();
        }
        if (value instanceof Map<?, ?> map) {
            return !map.isEmpty();
        }
        if (value instanceof Long number) {
            return number != 0;
        }
        return value != null
                && !(value instanceof Undefined)
                && !Double.valueOf(0).equals(value)
                && !Double.valueOf(-0.0).equals(value);
    }

    /** What messages call a value's type: Python's name of it. */
    static String typeName(Object value) {
        if (value == null) {
            return "none";
        }
        if (value instanceof String) {
            return "a string";
        }
        if (value instanceof Map) {
            return "a dict";
        }
        if (value instanceof List) {
            return value instanceof Tuple ? "a tuple" : "a list";
        }
        if (value instanceof Undefined) {
            return "undefined";
        }
        if (value instanceof Callable) {
            return "a function";
        }
        return value instanceof Boolean || value instanceof Number ? "the number " + Printed.plain(value) : "an object";
    }

    /** The elements of a list, keys of a dict, characters of a text; undefined has none. */
    static List<Object> elements(Object value, Budget budget) {
        if (value instanceof List<?> list) {
            budget.step();
            return cast(list);
        }
        if (value instanceof Map<?, ?> map) {
            budget.make(map.size());
            return new ArrayList<>(map.keySet());
        }
        if (value instanceof String text) {
            budget.make(text.length());
            List<Object> characters = new ArrayList<>();
            text.codePoints().forEach(point -> characters.add(Character.toString(point)));
            return characters;
        }
        if (value instanceof Undefined) {
            return List.of();
        }
        throw new TemplateException(typeName(value) + " has no elements, expected a list, a dict or a text");
    }

    /** How many elements there are. */
    static long length(Object value) {
        if (value instanceof String text) {
            return text.codePointCount(0, text.length());
        }
        if (value instanceof List<?> list) {
            return list.size();
        }
        if (value instanceof Map<?, ?> map) {
            return map.size();
        }
        if (value instanceof Undefined) {
            return 0;
        }
        throw new TemplateException(typeName(value) + " has no length, expected a list, a dict or a text");
    }

    /** A value that may be a dict's key. */
    static Object key(Object value) {
        if (value == null || value instanceof String || value instanceof Long || value instanceof Boolean) {
            return value;
        }
        throw new TemplateException(typeName(value) + " is a dict's key, expected a text or a whole number");
    }

    /** A number as a whole one: truth values count as 0 and 1. Null for everything else. */
    static Long whole(Object value) {
        return value instanceof Boolean flag ? (Long) (flag ? 1L : 0L) : value instanceof Long number ? number : null;
    }

    @SuppressWarnings("unchecked")
    static List<Object> cast(List<?> list) {
        return (List<Object>) list;
    }
}
