package dev.lockstep.chat.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;

/** What may stand after a bar: filters of single values here, of lists in {@link ListFilters}. */
final class Filters {
    private static final Map<String, Callable> OF_VALUES = Map.ofEntries(
            Map.entry("tojson", Json::filter),
            Map.entry("default", Filters::otherwise),
            Map.entry("d", Filters::otherwise),
            Map.entry("length", (arguments, budget) -> Values.length(self(arguments))),
            Map.entry("count", (arguments, budget) -> Values.length(self(arguments))),
            Map.entry("trim", (arguments, budget) -> StringMethods.strip(asText(arguments, budget), true, true)),
            Map.entry("upper", (arguments, budget) -> text(arguments, budget).toUpperCase(Locale.ROOT)),
            Map.entry("lower", (arguments, budget) -> text(arguments, budget).toLowerCase(Locale.ROOT)),
            Map.entry("title", (arguments, budget) -> title(text(arguments, budget))),
            Map.entry("capitalize", (arguments, budget) -> StringMethods.capitalized(text(arguments, budget))),
            Map.entry("replace", (arguments, budget) -> StringMethods.replace(asText(arguments, budget), budget)),
            Map.entry("string", (arguments, budget) -> text(arguments, budget)),
            Map.entry("safe", (arguments, budget) -> text(arguments, budget)),
            Map.entry(
                    "format",
                    (arguments, budget) -> Formats.percent(
                            text(arguments, budget),
                            arguments
                                    .positional()
                                    .subList(1, arguments.positional().size()),
                            budget)),
            Map.entry("indent", Filters::indent),
            Map.entry("int", Filters::whole),
            Map.entry("float", Filters::real),
            Map.entry(
                    "abs",
                    (arguments, budget) -> Comparing.order(self(arguments), 0L, budget) < 0
                            ? Arithmetic.apply("-", 0L, self(arguments), budget)
                            : self(arguments)),
            Map.entry("round", Filters::round),
            Map.entry("attr", (arguments, budget) -> Members.attribute(self(arguments), arguments.text(1, "name", ""))),
            Map.entry("escape", (arguments, budget) -> escaped(text(arguments, budget), budget)),
            Map.entry("e", (arguments, budget) -> escaped(text(arguments, budget), budget)));

    private Filters() {}

    /** A filter, or null where there is none of that name. */
    static Callable named(String name) {
        Callable filter = OF_VALUES.get(name);
        return filter == null ? ListFilters.ALL.get(name) : filter;
    }

    static List<String> names() {
        TreeSet<String> names = new TreeSet<>(OF_VALUES.keySet());
        names.addAll(ListFilters.ALL.keySet());
        return List.copyOf(names);
    }

    static Object self(Arguments arguments) {
        return arguments.positional().get(0);
    }

    /** The value as a text, counted. */
    private static String text(Arguments arguments, Budget budget) {
        String text = Printed.text(self(arguments), budget);
        budget.make(text.length());
        return text;
    }

    /** The same arguments, the value as a text. */
    private static Arguments asText(Arguments arguments, Budget budget) {
        List<Object> values = new ArrayList<>(arguments.positional());
        values.set(0, text(arguments, budget));
        return new Arguments(arguments.callee(), values, arguments.named());
    }

    private static Object otherwise(Arguments arguments, Budget budget) {
        budget.step();
        arguments.expect("value", "default_value", "boolean");
        Object value = self(arguments);
        boolean replaced =
                value instanceof Undefined || Values.truth(arguments.get(2, "boolean", false)) && !Values.truth(value);
        return replaced ? arguments.get(1, "default_value", "") : value;
    }

    /** A text whose words, parted by white space, dashes or opening brackets, begin with a large letter. */
    private static String title(String text) {
        StringBuilder out = new StringBuilder(text.toLowerCase(Locale.ROOT));
        boolean begins = true;
        for (int i = 0; i < out.length(); i++) {
            char c = out.charAt(i);
            boolean parts = Spaces.is(c) || "-({[<".indexOf(c) >= 0;
            if (begins && !parts) {
                out.setCharAt(i, Character.toUpperCase(c));
            }
            begins = parts;
        }
        return out.toString();
    }

    private static Object indent(Arguments arguments, Budget budget) {
        arguments.expect("s", "width", "first", "blank");
        if (!(self(arguments) instanceof String)) {
            throw new TemplateException("indent gets " + Values.typeName(self(arguments)) + ", expected a text");
        }
        Object width = arguments.get(1, "width", 4L);
        String margin = width instanceof String given
                ? given
                : " ".repeat((int) Math.max(0, Math.min(1000, arguments.integer(1, "width", 4))));
        boolean blank = Values.truth(arguments.get(3, "blank", false));
        StringBuilder out = new StringBuilder();
        boolean first = true;
        for (Object each : Splitting.lines(text(arguments, budget) + "\n", budget)) {
            String line = (String) each;
            boolean indented = first ? Values.truth(arguments.get(2, "first", false)) : blank || !line.isEmpty();
            budget.make(margin.length() + line.length());
            out.append(first ? "" : "\n").append(indented ? margin : "").append(line);
            first = false;
        }
        return out.toString();
    }

    private static Object known(Arguments arguments) {
        if (self(arguments) instanceof Undefined undefined) {
            throw undefined.error();
        }
        return self(arguments);
    }

    private static Object whole(Arguments arguments, Budget budget) {
        budget.step();
        Object value = known(arguments);
        if (value instanceof Double number) {
            return (long) (double) number;
        }
        if (Values.whole(value) != null) {
            return Values.whole(value);
        }
        try {
            return Long.valueOf(Printed.text(value, budget).strip());
        } catch (NumberFormatException e) {
            return arguments.get(1, "default", 0L);
        }
    }

    private static Object real(Arguments arguments, Budget budget) {
        Object value = known(arguments);
        if (Comparing.number(value)) {
            return Comparing.toDouble(value);
        }
        try {
            return Double.valueOf(Printed.text(value, budget).strip());
        } catch (NumberFormatException e) {
            return arguments.get(1, "default", 0.0);
        }
    }

    private static Object round(Arguments arguments, Budget budget) {
        budget.step();
        arguments.expect("value", "precision", "method");
        if (!Comparing.number(self(arguments))) {
            throw new TemplateException("round gets " + Values.typeName(self(arguments)) + ", expected a number");
        }
        String method = arguments.text(2, "method", "common");
        if (method.equals("common") && Values.whole(self(arguments)) != null) {
            return Values.whole(self(arguments));
        }
        double scale = Math.pow(10, arguments.integer(1, "precision", 0));
        double scaled = Comparing.toDouble(self(arguments)) * scale;
        return switch (method) {
            case "ceil" -> Math.ceil(scaled) / scale;
            case "floor" -> Math.floor(scaled) / scale;
            default -> Math.rint(scaled) / scale;
        };
    }

    private static String escaped(String text, Budget budget) {
        budget.make(5L * text.length());
        return text.replace("&", "&amp;")
                .replace(">", "&gt;")
                .replace("<", "&lt;")
                .replace("'", "&#39;")
                .replace("\"", "&#34;");
    }
}
