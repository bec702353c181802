package dev.lockstep.chat.jinja;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Texts cut at separators, at white space or at the ends of lines. */
final class Splitting {
    private Splitting() {}

    /** {@code split(sep=None, maxsplit=-1)}; the first argument is the text. */
    static List<Object> split(Arguments arguments, Budget budget, boolean fromEnd) {
        arguments.expect("text", "sep", "maxsplit");
        String text = (String) arguments.positional().get(0);
        String separator = arguments.text(1, "sep", null);
        long most = arguments.integer(2, "maxsplit", -1);
        most = most < 0 ? Long.MAX_VALUE : most;
        budget.make(text.length());
        if (separator == null) {
            return words(text, most, fromEnd);
        }
        if (separator.isEmpty()) {
            throw new TemplateException("split gets an empty separator, expected at least one character");
        }
        return fromEnd ? fromEnd(text, separator, most) : fromStart(text, separator, most);
    }

    private static List<Object> fromStart(String text, String separator, long most) {
        List<Object> parts = new ArrayList<>();
        int at = 0;
        for (int found = text.indexOf(separator);
                found >= 0 && parts.size() < most;
                found = text.indexOf(separator, at)) {
            parts.add(text.substring(at, found));
            at = found + separator.length();
        }
        parts.add(text.substring(at));
        return parts;
    }

    private static List<Object> fromEnd(String text, String separator, long most) {
        List<Object> parts = new ArrayList<>();
        int end = text.length();
        while (parts.size() < most) {
            int found = text.lastIndexOf(separator, end - separator.length());
            if (found < 0 || end < separator.length()) {
                break;
            }
            parts.add(text.substring(found + separator.length(), end));
            end = found;
        }
        parts.add(text.substring(0, end));
        Collections.reverse(parts);
        return parts;
    }

    private static List<Object> words(String text, long most, boolean fromEnd) {
        if (fromEnd && most != Long.MAX_VALUE) {
            throw new TemplateException("rsplit with maxsplit needs a separator");
        }
        List<Object> words = new ArrayList<>();
        int at = Spaces.skip(text, 0);
        while (at < text.length()) {
            if (words.size() == most) {
                words.add(Spaces.stripEnd(text.substring(at)));
                break;
            }
            int end = at;
            while (end < text.length() && !Spaces.is(text.charAt(end))) {
                end++;
            }
            words.add(text.substring(at, end));
            at = Spaces.skip(text, end);
        }
        return words;
    }

    /** Lines without their ends. */
    static List<Object> lines(String text, Budget budget) {
        budget.make(text.length());
        List<Object> lines = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < text.length(); i++) {
            if ("\n\r\013\f\034\035\036\u0085\u2028\u2029".indexOf(text.charAt(i)) >= 0) {
                lines.add(text.substring(start, i));
                i += text.startsWith("\r\n", i) ? 1 : 0;
                start = i + 1;
            }
        }
        if (start < text.length()) {
            lines.add(text.substring(start));
        }
        return lines;
    }
}
