package dev.lockstep.chat.jinja;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Methods of texts, as in Python. */
final class StringMethods {
    /** By name; the first argument is the text. */
    static final Map<String, Callable> ALL = Map.ofEntries(
            Map.entry("strip", (arguments, budget) -> strip(arguments, true, true)),
            Map.entry("lstrip", (arguments, budget) -> strip(arguments, true, false)),
            Map.entry("rstrip", (arguments, budget) -> strip(arguments, false, true)),
            Map.entry("upper", (arguments, budget) -> counted(self(arguments).toUpperCase(Locale.ROOT), budget)),
            Map.entry("lower", (arguments, budget) -> counted(self(arguments).toLowerCase(Locale.ROOT), budget)),
            Map.entry("title", (arguments, budget) -> counted(title(self(arguments)), budget)),
            Map.entry("capitalize", (arguments, budget) -> counted(capitalized(self(arguments)), budget)),
            Map.entry("startswith", (arguments, budget) -> affix(arguments, true)),
            Map.entry("endswith", (arguments, budget) -> affix(arguments, false)),
            Map.entry("replace", StringMethods::replace),
            Map.entry("split", (arguments, budget) -> Splitting.split(arguments, budget, false)),
            Map.entry("rsplit", (arguments, budget) -> Splitting.split(arguments, budget, true)),
            Map.entry("splitlines", (arguments, budget) -> Splitting.lines(self(arguments), budget)),
            Map.entry("join", (arguments, budget) -> join(self(arguments), arguments.require(1, "iterable"), budget)),
            Map.entry("find", (arguments, budget) -> find(arguments, false)),
            Map.entry("rfind", (arguments, budget) -> find(arguments, true)),
            Map.entry("count", (arguments, budget) -> count(self(arguments), arguments.text(1, "sub", ""))),
            Map.entry("format", (arguments, budget) -> format(arguments, budget)),
            Map.entry("removeprefix", (arguments, budget) -> removed(arguments, true)),
            Map.entry("removesuffix", (arguments, budget) -> removed(arguments, false)),
            Map.entry("isdigit", (arguments, budget) -> all(self(arguments), Character::isDigit)),
            Map.entry("isalpha", (arguments, budget) -> all(self(arguments), Character::isLetter)),
            Map.entry("isalnum", (arguments, budget) -> all(self(arguments), Character::isLetterOrDigit)),
            Map.entry("isspace", (arguments, budget) -> all(self(arguments), Spaces::is)),
            Map.entry("islower", (arguments, budget) -> cased(self(arguments), true)),
            Map.entry("isupper", (arguments, budget) -> cased(self(arguments), false)));

    private StringMethods() {}

    private static String self(Arguments arguments) {
        return (String) arguments.positional().get(0);
    }

    private static String counted(String text, Budget budget) {
        budget.make(text.length());
        return text;
    }

    /** Takes characters of a set, white space where none is given, from the ends. */
    static String strip(Arguments arguments, boolean front, boolean back) {
        arguments.expect("text", "chars");
        String text = self(arguments);
        String set = arguments.text(1, "chars", null);
        int start = 0;
        int end = text.length();
        while (front && start < end && strips(text.codePointAt(start), set)) {
            start += Character.charCount(text.codePointAt(start));
        }
        while (back && start < end && strips(text.codePointBefore(end), set)) {
            end -= Character.charCount(text.codePointBefore(end));
        }
        return text.substring(start, end);
    }

    private static boolean strips(int point, String set) {
        return set == null ? Spaces.is(point) : set.indexOf(point) >= 0;
    }

    private static Object affix(Arguments arguments, boolean front) {
        arguments.expect("text", front ? "prefix" : "suffix");
        String text = self(arguments);
        Object wanted = arguments.require(1, front ? "prefix" : "suffix");
        for (Object each : wanted instanceof Tuple several ? several : List.of(wanted)) {
            if (!(each instanceof String affix)) {
                throw new TemplateException(
                        arguments.callee() + " gets " + Values.typeName(each) + ", expected a text");
            }
            if (front ? text.startsWith(affix) : text.endsWith(affix)) {
                return true;
            }
        }
        return false;
    }

    /** {@code replace(old, new[, count])}. */
    static Object replace(Arguments arguments, Budget budget) {
        arguments.expect("text", "old", "new", "count");
        String text = self(arguments);
        String old = Printed.text(arguments.require(1, "old"), budget);
        String with = Printed.text(arguments.require(2, "new"), budget);
        Object limit = arguments.get(3, "count", null);
        long left = limit == null || limit.equals(-1L) ? Long.MAX_VALUE : arguments.integer(3, "count", -1);
        StringBuilder out = new StringBuilder();
        int at = 0;
        while (left-- > 0) {
            int found = text.indexOf(old, at);
            if (found < 0) {
                break;
            }
            budget.make(found - at + with.length());
            out.append(text, at, found).append(with);
            at = found + old.length();
            if (old.isEmpty()) {
                if (at == text.length()) {
                    break;
                }
                out.append(text.charAt(at++));
            }
        }
        return counted(
                out.append(text, Math.min(at, text.length()), text.length()).toString(), budget);
    }

    /** The elements of a list, all texts, with a separator between them. */
    static String join(String separator, Object list, Budget budget) {
        StringBuilder out = new StringBuilder();
        boolean first = true;
        for (Object each : Values.elements(list, budget)) {
            if (!(each instanceof String part)) {
                throw new TemplateException("join meets " + Values.typeName(each) + ", expected a text");
            }
            budget.make(part.length() + separator.length());
            out.append(first ? "" : separator).append(part);
            first = false;
        }
        return out.toString();
    }

    private static Object find(Arguments arguments, boolean last) {
        String text = self(arguments);
        String part = arguments.expect("text", "sub").text(1, "sub", "");
        int at = last ? text.lastIndexOf(part) : text.indexOf(part);
        return at < 0 ? -1L : (long) text.codePointCount(0, at);
    }

    private static Object count(String text, String part) {
        if (part.isEmpty()) {
            return Values.length(text) + 1;
        }
        long count = 0;
        for (int at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length())) {
            count++;
        }
        return count;
    }

    private static Object removed(Arguments arguments, boolean front) {
        String text = self(arguments);
        String affix = arguments.text(1, front ? "prefix" : "suffix", "");
        if (front) {
            return text.startsWith(affix) ? text.substring(affix.length()) : text;
        }
        return text.endsWith(affix) ? text.substring(0, text.length() - affix.length()) : text;
    }

    /** {@code '{} {0} {name}'.format(...)}, without format specifications. */
    private static Object format(Arguments arguments, Budget budget) {
        String text = self(arguments);
        StringBuilder out = new StringBuilder();
        int next = 1;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean doubled = i + 1 < text.length() && text.charAt(i + 1) == c;
            if (c != '{' && c != '}') {
                out.append(c);
            } else if (doubled) {
                out.append(c);
                i++;
            } else {
                int end = text.indexOf('}', i);
                String field = c == '{' && end > 0 ? text.substring(i + 1, end) : "}";
                Object value =
                        field.isEmpty() ? arguments.require(next++, "value " + (next - 2)) : field(field, arguments);
                out.append(Printed.text(value, budget));
                budget.make(out.length());
                i = end;
            }
        }
        return counted(out.toString(), budget);
    }

    private static Object field(String field, Arguments arguments) {
        if (field.matches("[0-9]{1,4}")) {
            return arguments.require(Integer.parseInt(field) + 1, "value " + field);
        }
        if (!arguments.named().containsKey(field)) {
            throw new TemplateException("format's field {" + field
                    + "} is not known, expected {}, a number or the name of" + " an argument");
        }
        return arguments.named().get(field);
    }

    /** Every word's first letter large, all others small. */
    static String title(String text) {
        StringBuilder out = new StringBuilder();
        boolean begins = true;
        for (int i = 0; i < text.length(); i++) {
            String c = String.valueOf(text.charAt(i));
            out.append(begins ? c.toUpperCase(Locale.ROOT) : c.toLowerCase(Locale.ROOT));
            begins = !Character.isLetter(text.charAt(i));
        }
        return out.toString();
    }

    static String capitalized(String text) {
        return text.isEmpty()
                ? text
                : text.substring(0, 1).toUpperCase(Locale.ROOT)
                        + text.substring(1).toLowerCase(Locale.ROOT);
    }

    private static boolean all(String text, java.util.function.IntPredicate holds) {
        return !text.isEmpty() && text.codePoints().allMatch(holds);
    }

    static boolean cased(String text, boolean lower) {
        boolean any = text.codePoints().anyMatch(lower ? Character::isLowerCase : Character::isUpperCase);
        return any && text.codePoints().noneMatch(lower ? Character::isUpperCase : Character::isLowerCase);
    }
}
