package dev.lockstep.chat.jinja;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** Filters of lists. */
final class ListFilters {
    /** By name; the first argument is the list. */
    static final Map<String, Callable> ALL = Map.ofEntries(
            Map.entry("list", (arguments, budget) -> new ArrayList<>(elements(arguments, budget))),
            Map.entry("items", (arguments, budget) -> CollectionMethods.items(Filters.self(arguments), budget)),
            Map.entry("first", (arguments, budget) -> end(arguments, budget, true)),
            Map.entry("last", (arguments, budget) -> end(arguments, budget, false)),
            Map.entry("join", ListFilters::join),
            Map.entry("map", ListFilters::map),
            Map.entry("select", (arguments, budget) -> select(arguments, budget, false, true)),
            Map.entry("reject", (arguments, budget) -> select(arguments, budget, false, false)),
            Map.entry("selectattr", (arguments, budget) -> select(arguments, budget, true, true)),
            Map.entry("rejectattr", (arguments, budget) -> select(arguments, budget, true, false)),
            Map.entry("reverse", ListFilters::reverse),
            Map.entry("sort", ListFilters::sort),
            Map.entry("dictsort", ListFilters::dictsort),
            Map.entry("unique", ListFilters::unique),
            Map.entry("sum", ListFilters::sum),
            Map.entry("min", (arguments, budget) -> extreme(arguments, budget, -1)),
            Map.entry("max", (arguments, budget) -> extreme(arguments, budget, 1)));

    private ListFilters() {}

    private static List<Object> elements(Arguments arguments, Budget budget) {
        List<Object> elements = Values.elements(Filters.self(arguments), budget);
        budget.make(elements.size());
        return elements;
    }

    private static Object end(Arguments arguments, Budget budget, boolean first) {
        List<Object> elements = elements(arguments, budget);
        if (elements.isEmpty()) {
            return new Undefined("an element of an empty list");
        }
        return elements.get(first ? 0 : elements.size() - 1);
    }

    private static Object join(Arguments arguments, Budget budget) {
        arguments.expect("value", "d", "attribute");
        String separator = Printed.text(arguments.get(1, "d", ""), budget);
        Object attribute = arguments.get(2, "attribute", null);
        List<Object> texts = new ArrayList<>();
        for (Object each : elements(arguments, budget)) {
            texts.add(Printed.text(attribute == null ? each : path(each, attribute), budget));
        }
        return StringMethods.join(separator, texts, budget);
    }

    private static Object map(Arguments arguments, Budget budget) {
        List<Object> mapped = new ArrayList<>();
        boolean byAttribute = arguments.named().containsKey("attribute");
        String name = byAttribute ? null : arguments.text(1, "filter", null);
        Callable filter = name == null ? null : Filters.named(name);
        if (!byAttribute && filter == null) {
            throw new TemplateException(
                    "map names the filter " + name + ", expected attribute=... or one of " + Filters.names());
        }
        for (Object each : elements(arguments, budget)) {
            if (byAttribute) {
                Object value = path(each, arguments.named().get("attribute"));
                boolean absent = value instanceof Undefined && arguments.named().containsKey("default");
                mapped.add(absent ? arguments.named().get("default") : value);
            } else {
                mapped.add(filter.call(arguments.rest("the filter " + name, 2).after(each), budget));
            }
        }
        return mapped;
    }

    private static Object select(Arguments arguments, Budget budget, boolean byAttribute, boolean kept) {
        int given = byAttribute ? 2 : 1;
        Object attribute = byAttribute ? arguments.require(1, "attribute") : null;
        String name = arguments.text(given, "test", null);
        Callable test = name == null
                ? null
                : Tests.ALL.get(Map.of("==", "eq", "!=", "ne").getOrDefault(name, name));
        if (name != null && test == null) {
            throw new TemplateException(
                    arguments.callee() + " names the test " + name + ", known are " + Tests.names());
        }
        List<Object> selected = new ArrayList<>();
        for (Object each : elements(arguments, budget)) {
            Object value = byAttribute ? path(each, attribute) : each;
            Object holds = test == null
                    ? (Object) Values.truth(value)
                    : test.call(arguments.rest("the test " + name, given + 1).after(value), budget);
            if (Values.truth(holds) == kept) {
                selected.add(each);
            }
        }
        return selected;
    }

    /** An attribute, also of an attribute: {@code a.b}, {@code a.0}. */
    private static Object path(Object value, Object attribute) {
        Object found = value;
        for (String part : attribute.toString().split("\\.")) {
            found = part.matches("[0-9]{1,9}") ? Members.item(found, Long.valueOf(part)) : Members.item(found, part);
        }
        return found;
    }

    private static Object reverse(Arguments arguments, Budget budget) {
        if (Filters.self(arguments) instanceof String text) {
            budget.make(text.length());
            return new StringBuilder(text).reverse().toString();
        }
        List<Object> reversed = new ArrayList<>(elements(arguments, budget));
        Collections.reverse(reversed);
        return reversed;
    }

    private static Object sort(Arguments arguments, Budget budget) {
        arguments.expect("value", "reverse", "case_sensitive", "attribute");
        Object attribute = arguments.get(3, "attribute", null);
        boolean exact = Values.truth(arguments.get(2, "case_sensitive", false));
        Comparator<Object> order = (left, right) -> Comparing.order(
                sortKey(attribute == null ? left : path(left, attribute), exact),
                sortKey(attribute == null ? right : path(right, attribute), exact),
                budget);
        List<Object> sorted = new ArrayList<>(elements(arguments, budget));
        sorted.sort(Values.truth(arguments.get(1, "reverse", false)) ? order.reversed() : order);
        return sorted;
    }

    private static Object dictsort(Arguments arguments, Budget budget) {
        arguments.expect("value", "case_sensitive", "by", "reverse");
        boolean exact = Values.truth(arguments.get(1, "case_sensitive", false));
        int by = "value".equals(arguments.get(2, "by", "key")) ? 1 : 0;
        Comparator<Object> order = (left, right) -> Comparing.order(
                sortKey(((Tuple) left).get(by), exact), sortKey(((Tuple) right).get(by), exact), budget);
        List<Object> sorted = new ArrayList<>((List<?>) CollectionMethods.items(Filters.self(arguments), budget));
        sorted.sort(Values.truth(arguments.get(3, "reverse", false)) ? order.reversed() : order);
        return sorted;
    }

    private static Object sortKey(Object value, boolean exact) {
        return !exact && value instanceof String text ? text.toLowerCase(java.util.Locale.ROOT) : value;
    }

    private static Object unique(Arguments arguments, Budget budget) {
        arguments.expect("value", "case_sensitive", "attribute");
        boolean exact = Values.truth(arguments.get(1, "case_sensitive", false));
        Object attribute = arguments.get(2, "attribute", null);
        List<Object> seen = new ArrayList<>();
        List<Object> unique = new ArrayList<>();
        for (Object each : elements(arguments, budget)) {
            Object key = sortKey(attribute == null ? each : path(each, attribute), exact);
            if (!Comparing.contains(seen, key, budget)) {
                seen.add(key);
                unique.add(each);
            }
        }
        return unique;
    }

    private static Object sum(Arguments arguments, Budget budget) {
        arguments.expect("value", "attribute", "start");
        Object attribute = arguments.get(1, "attribute", null);
        Object sum = arguments.get(2, "start", 0L);
        for (Object each : elements(arguments, budget)) {
            sum = Arithmetic.apply("+", sum, attribute == null ? each : path(each, attribute), budget);
        }
        return sum;
    }

    private static Object extreme(Arguments arguments, Budget budget, int sign) {
        arguments.expect("value", "case_sensitive", "attribute");
        Object attribute = arguments.get(2, "attribute", null);
        Object best = new Undefined("an element of an empty list");
        for (Object each : elements(arguments, budget)) {
            Object value = attribute == null ? each : path(each, attribute);
            Object now = best instanceof Undefined || attribute == null ? best : path(best, attribute);
            boolean better = now instanceof Undefined
                    || sign * Comparing.order(sortKey(value, false), sortKey(now, false), budget) > 0;
            best = better ? each : best;
        }
        return best;
    }
}
