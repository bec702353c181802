package dev.lockstep.chat.jinja;

import java.util.List;

/** Python's {@code %} on texts, for {@code %s %d %r %i} and {@code %%} without widths. */
final class Formats {
    private Formats() {}

    static String percent(String format, List<?> values, Budget budget) {
        StringBuilder out = new StringBuilder();
        int used = 0;
        for (int i = 0; i < format.length(); i++) {
            char c = format.charAt(i);
            if (c != '%') {
                out.append(c);
                continue;
            }
            char kind = ++i < format.length() ? format.charAt(i) : ' ';
            if (kind == '%') {
                out.append('%');
            } else if ("sdri".indexOf(kind) < 0) {
                throw new TemplateException("the format %" + kind + " is not known, expected %s, %d, %r or %%");
            } else if (used == values.size()) {
                throw new TemplateException("a format asks for more than the " + used + " values it is given");
            } else {
                out.append(one(kind, values.get(used++), budget));
                budget.make(out.length());
            }
        }
        if (used < values.size()) {
            throw new TemplateException("a format asks for " + used + " values, but is given " + values.size());
        }
        budget.make(out.length());
        return out.toString();
    }

    private static String one(char kind, Object value, Budget budget) {
        if (kind == 'r') {
            String listed = Printed.text(java.util.Collections.singletonList(value), budget);
            return listed.substring(1, listed.length() - 1);
        }
        if (kind == 's') {
            return Printed.text(value, budget);
        }
        Long whole = value instanceof Double number ? (Long) (long) (double) number : Values.whole(value);
        if (whole == null) {
            throw new TemplateException("the format %d meets " + Values.typeName(value) + ", expected a number");
        }
        return whole.toString();
    }
}
