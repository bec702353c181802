package dev.lockstep.chat.jinja;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What may stand after {@code is}. */
final class Tests {
    /** By name; the first argument is the value. */
    static final Map<String, Callable> ALL = Map.ofEntries(
            of("defined", value -> !(value instanceof Undefined)),
            of("undefined", value -> value instanceof Undefined),
            of("none", value -> value == null),
            of("boolean", value -> value instanceof Boolean),
            of("true", Boolean.TRUE::equals),
            of("false", Boolean.FALSE::equals),
            of("string", value -> value instanceof String),
            of("mapping", value -> value instanceof Map),
            of("sequence", Tests::collection),
            of("iterable", Tests::collection),
            of("number", Comparing::number),
            of("integer", value -> value instanceof Long),
            of("float", value -> value instanceof Double),
            of("callable", value -> value instanceof Callable),
            of("odd", value -> remainder(value, 2) == 1),
            of("even", value -> remainder(value, 2) == 0),
            of("lower", value -> value instanceof String text && StringMethods.cased(text, true)),
            of("upper", value -> value instanceof String text && StringMethods.cased(text, false)),
            Map.entry(
                    "divisibleby",
                    (arguments, budget) -> remainder(first(arguments), arguments.integer(1, "num", 0)) == 0),
            Map.entry("sameas", (arguments, budget) -> same(first(arguments), second(arguments))),
            Map.entry("in", (arguments, budget) -> Comparing.contains(second(arguments), first(arguments), budget)),
            comparing("eq", "=="),
            comparing("equalto", "=="),
            comparing("ne", "!="),
            comparing("lt", "<"),
            comparing("lessthan", "<"),
            comparing("le", "<="),
            comparing("gt", ">"),
            comparing("greaterthan", ">"),
            comparing("ge", ">="));

    private Tests() {}

    static List<String> names() {
        return List.copyOf(new TreeMap<>(ALL).keySet());
    }

    private interface Check {
        boolean holds(Object value);
    }

    private static Map.Entry<String, Callable> of(String name, Check check) {
        return Map.entry(name, (arguments, budget) -> check.holds(first(arguments.expect("value"))));
    }

    private static Map.Entry<String, Callable> comparing(String name, String operator) {
        return Map.entry(
                name, (arguments, budget) -> Comparing.holds(operator, first(arguments), second(arguments), budget));
    }

    private static Object first(Arguments arguments) {
        return arguments.positional().get(0);
    }

    private static Object second(Arguments arguments) {
        return arguments.require(1, "other");
    }

    private static boolean collection(Object value) {
        return value instanceof String || value instanceof List || value instanceof Map || value instanceof Undefined;
    }

    private static boolean same(Object left, Object right) {
        return left == right
                || left instanceof Long && left.equals(right)
                || left instanceof Boolean && left.equals(right);
    }

    private static long remainder(Object value, long by) {
        Long whole = Values.whole(value);
        if (whole == null || by == 0) {
            throw new TemplateException("a test of divisibility meets " + Values.typeName(value) + " by " + by
                    + ", expected whole numbers, the second not 0");
        }
        return Math.floorMod(whole, by);
    }
}
