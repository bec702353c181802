package dev.lockstep.chat.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The arguments of a call, by position and by name. */
record Arguments(String callee, List<Object> positional, Map<String, Object> named) {

    /** The same call with one more argument in front. */
    Arguments after(Object first) {
        List<Object> all = new ArrayList<>(positional.size() + 1);
        all.add(first);
        all.addAll(positional);
        return new Arguments(callee, all, named);
    }

    /** The call without its first {@code count} positional arguments, made of another callee. */
    Arguments rest(String other, int count) {
        int size = positional.size();
        return new Arguments(other, positional.subList(Math.min(count, size), size), named);
    }

    /**
     * Checks that every argument has one of the parameters.
     *
     * @param parameters their names, in order
     */
    Arguments expect(String... parameters) {
        if (positional.size() > parameters.length) {
            throw new TemplateException(
                    callee + " takes at most " + parameters.length + " arguments, found " + positional.size());
        }
        List<String> names = List.of(parameters);
        for (String name : named.keySet()) {
            int place = names.indexOf(name);
            if (place < 0) {
                throw new TemplateException(callee + " has no argument " + name + ", expected " + names);
            }
            if (place < positional.size()) {
                throw new TemplateException(callee + " has two values for the argument " + name);
            }
        }
        return this;
    }

    boolean has(int index, String name) {
        return index < positional.size() || named.containsKey(name);
    }

    Object get(int index, String name, Object absent) {
        if (index < positional.size()) {
            return positional.get(index);
        }
        return named.containsKey(name) ? named.get(name) : absent;
    }

    Object require(int index, String name) {
        if (!has(index, name)) {
            throw new TemplateException(callee + " needs the argument " + name);
        }
        return get(index, name, null);
    }

    /** An argument that must be a text. */
    String text(int index, String name, String absent) {
        Object value = get(index, name, absent);
        if (value != null && !(value instanceof String)) {
            throw wrong(name, "a text", value);
        }
        return (String) value;
    }

    /** An argument that must be a whole number. */
    long integer(int index, String name, long absent) {
        Object value = get(index, name, absent);
        if (value instanceof Long number) {
            return number;
        }
        throw wrong(name, "a whole number", value);
    }

    private TemplateException wrong(String name, String expected, Object found) {
        return new TemplateException(callee + ": " + name + " is " + Values.typeName(found) + ", expected " + expected);
    }
}
