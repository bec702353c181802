package dev.lockstep.chat.jinja;

import java.util.HashMap;
import java.util.Map;

/** Variables, those of the scopes around it included, and the rendering's budget. */
final class Scope {
    private final Scope outer;
    private final Map<String, Object> variables;
    private final Budget budget;

    private Scope(Scope outer, Map<String, Object> variables, Budget budget) {
        this.outer = outer;
        this.variables = variables;
        this.budget = budget;
    }

    /** The scope of a whole template. */
    static Scope of(Map<String, ?> variables, Budget budget) {
        return new Scope(null, new HashMap<>(variables), budget);
    }

    /** A scope whose variables end with it. */
    Scope inner() {
        return new Scope(this, new HashMap<>(), budget);
    }

    Budget budget() {
        return budget;
    }

    void set(String name, Object value) {
        variables.put(name, value);
    }

    Object get(String name) {
        for (Scope scope = this; scope != null; scope = scope.outer) {
            if (scope.variables.containsKey(name)) {
                return scope.variables.get(name);
            }
        }
        Callable function = Functions.ALL.get(name);
        return function == null ? new Undefined(name) : function;
    }
}
