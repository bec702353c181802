package dev.lockstep.chat.jinja;

import java.util.LinkedHashMap;
import java.util.Map;

/** What {@code namespace()} gives: attributes that a loop's body may set for what comes after the loop. */
final class Namespace {
    private final Map<String, Object> attributes = new LinkedHashMap<>();

    Namespace(Map<String, Object> initial) {
        attributes.putAll(initial);
    }

    Object get(String name) {
        return attributes.containsKey(name) ? attributes.get(name) : new Undefined("namespace." + name);
    }

    void set(String name, Object value) {
        attributes.put(name, value);
    }
}
