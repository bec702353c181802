package dev.lockstep.chat.jinja;

import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The filter {@code tojson} as the transformers library defines it: Python's spaces, letters unescaped. */
final class Json {
    private final StringBuilder out = new StringBuilder();
    private final Budget budget;
    private final String indent;
    private final String itemSeparator;
    private final String keySeparator;
    private final boolean sorted;

    private Json(Budget budget, String indent, String itemSeparator, String keySeparator, boolean sorted) {
        this.budget = budget;
        this.indent = indent;
        this.itemSeparator = itemSeparator;
        this.keySeparator = keySeparator;
        this.sorted = sorted;
    }

    /** {@code tojson(ensure_ascii=False, indent=None, separators=None, sort_keys=False)}. */
    static String filter(Arguments arguments, Budget budget) {
        arguments.expect("value", "ensure_ascii", "indent", "separators", "sort_keys");
        Object indent = arguments.get(2, "indent", null);
        String items = indent == null ? ", " : ",";
        String keys = ": ";
        if (arguments.get(3, "separators", null) instanceof List<?> given
                && given.size() == 2
                && given.get(0) instanceof String first
                && given.get(1) instanceof String second) {
            items = first;
            keys = second;
        }
        String margin = indent == null || indent instanceof String
                ? (String) indent
                : " ".repeat((int) Math.max(0, Math.min(64, arguments.integer(2, "indent", 0))));
        boolean sorted = Values.truth(arguments.get(4, "sort_keys", false));
        Json json = new Json(budget, margin, items, keys, sorted);
        json.value(arguments.require(0, "value"), 0);
        String text = json.out.toString();
        budget.make(text.length());
        return Values.truth(arguments.get(1, "ensure_ascii", false)) ? ascii(text) : text;
    }

    private void value(Object value, int depth) {
        budget.step();
        if (out.length() > Budget.SIZE) {
            budget.make(out.length());
        }
        if (value == null) {
            out.append("null");
        } else if (value instanceof Boolean || value instanceof Long) {
            out.append(value);
        } else if (value instanceof Double number) {
            out.append(number(number));
        } else if (value instanceof String text) {
            string(text);
        } else if (value instanceof List<?> list) {
            list(list, depth);
        } else if (value instanceof Map<?, ?> map) {
            map(map, depth);
        } else if (value instanceof Undefined undefined) {
            throw undefined.error();
        } else {
            throw new TemplateException(Values.typeName(value) + " cannot be written as JSON");
        }
    }

    private static String number(double number) {
        String text = Printed.number(number);
        return switch (text) {
            case "nan" -> "NaN";
            case "inf" -> "Infinity";
            case "-inf" -> "-Infinity";
            default -> text;
        };
    }

    private void list(List<?> list, int depth) {
        budget.enter();
        out.append('[');
        for (int i = 0; i < list.size(); i++) {
            out.append(i == 0 ? "" : itemSeparator);
            newline(depth + 1);
            value(list.get(i), depth + 1);
        }
        if (!list.isEmpty()) {
            newline(depth);
        }
        out.append(']');
        budget.leave();
    }

    private void map(Map<?, ?> given, int depth) {
        budget.enter();
        out.append('{');
        Map<?, ?> map = sorted ? sorted(given) : given;
        for (Iterator<? extends Map.Entry<?, ?>> entries = map.entrySet().iterator(); entries.hasNext(); ) {
            Map.Entry<?, ?> entry = entries.next();
            newline(depth + 1);
            string(key(entry.getKey()));
            out.append(keySeparator);
            value(entry.getValue(), depth + 1);
            out.append(entries.hasNext() ? itemSeparator : "");
        }
        if (!map.isEmpty()) {
            newline(depth);
        }
        out.append('}');
        budget.leave();
    }

    private static Map<?, ?> sorted(Map<?, ?> map) {
        Map<Object, Object> sorted = new TreeMap<>(Comparator.comparing(Json::key));
        sorted.putAll(map);
        return sorted;
    }

    private static String key(Object key) {
        return key == null ? "null" : key.toString();
    }

    private void newline(int depth) {
        if (indent != null) {
            out.append('\n').append(indent.repeat(depth));
        }
    }

    private void string(String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '\b' -> out.append("\\b");
                case '\f' -> out.append("\\f");
                default -> out.append(c < ' ' ? String.format("\\u%04x", (int) c) : String.valueOf(c));
            }
        }
        out.append('"');
    }

    private static String ascii(String text) {
        StringBuilder ascii = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            ascii.append(c < 0x7f ? String.valueOf(c) : String.format("\\u%04x", (int) c));
        }
        return ascii.toString();
    }
}
