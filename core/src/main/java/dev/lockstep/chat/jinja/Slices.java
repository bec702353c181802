package dev.lockstep.chat.jinja;

import java.util.ArrayList;
import java.util.List;

/** {@code value[start:stop:step]} with Python's rules: negative bounds count from the end, bounds beyond it are cut. */
final class Slices {
    private Slices() {}

    static Object cut(Object value, Long start, Long stop, Long step, Budget budget) {
        if (value instanceof String text && (step == null || step == 1)) {
            int length = (int) Values.length(text);
            int from = bound(start, 0, 0, length, length);
            int to = Math.max(from, bound(stop, length, 0, length, length));
            budget.make(to - from);
            int begin = text.offsetByCodePoints(0, from);
            return text.substring(begin, text.offsetByCodePoints(begin, to - from));
        }
        if (value instanceof String text) {
            StringBuilder cut = new StringBuilder();
            elements(Values.elements(text, budget), start, stop, step, budget).forEach(cut::append);
            return cut.toString();
        }
        if (value instanceof List<?> list) {
            List<Object> cut = elements(Values.cast(list), start, stop, step, budget);
            return value instanceof Tuple ? new Tuple(cut) : cut;
        }
        if (value instanceof Undefined undefined) {
            throw undefined.error();
        }
        throw new TemplateException(Values.typeName(value) + " is sliced, expected a list or a text");
    }

    private static List<Object> elements(List<Object> list, Long start, Long stop, Long step, Budget budget) {
        long by = step == null ? 1 : step;
        if (by == 0) {
            throw new TemplateException("the step of a slice is 0, expected any other whole number");
        }
        int length = list.size();
        int from = by > 0 ? bound(start, 0, 0, length, length) : bound(start, length - 1, -1, length - 1, length);
        int to = by > 0 ? bound(stop, length, 0, length, length) : bound(stop, -1, -1, length - 1, length);
        List<Object> cut = new ArrayList<>();
        for (long i = from; by > 0 ? i < to : i > to; i += by) {
            cut.add(list.get((int) i));
            if (by > length || by < -length) {
                break;
            }
        }
        budget.make(cut.size());
        return cut;
    }

    private static int bound(Long given, int absent, int least, int most, int length) {
        if (given == null) {
            return absent;
        }
        long place = given < 0 ? given + length : given;
        return (int) Math.max(least, Math.min(most, place));
    }
}
