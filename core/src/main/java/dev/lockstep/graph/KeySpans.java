package dev.lockstep.graph;

import java.util.Arrays;

/** Keys that a query sees: runs of them, in ascending order or not; a key that stands in two counts twice. Reused. */
public final class KeySpans {
    private int[] from = new int[8];
    private int[] end = new int[8];
    private int[] step = new int[8];
    private int count;

    public void clear() {
        count = 0;
    }

    /** Adds every {@code by}-th key from {@code first} on, before {@code last}; nothing where that is empty. */
    public void add(int first, int last, int by) {
        if (first >= last) {
            return;
        }
        if (count == from.length) {
            from = Arrays.copyOf(from, 2 * count);
            end = Arrays.copyOf(end, 2 * count);
            step = Arrays.copyOf(step, 2 * count);
        }
        from[count] = first;
        end[count] = last;
        step[count++] = by;
    }

    public int count() {
        return count;
    }

    public int from(int span) {
        return from[span];
    }

    public int end(int span) {
        return end[span];
    }

    public int step(int span) {
        return step[span];
    }

    /** Keys of a span. */
    public int keys(int span) {
        return (end[span] - from[span] + step[span] - 1) / step[span];
    }

    /** Keys of all spans. */
    public int keys() {
        int sum = 0;
        for (int span = 0; span < count; span++) {
            sum += keys(span);
        }
        return sum;
    }
}
