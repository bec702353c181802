package dev.lockstep.graph;

import java.util.Arrays;

/**
 * The keys that a query sees, as spans. The spans need not be in ascending order; a key in two spans counts twice. The
 * object is reused.
 */
public final class KeySpans {
    private int[] from = new int[8];
    private int[] end = new int[8];
    private int[] step = new int[8];
    private int count;

    public void clear() {
        count = 0;
    }

    /**
     * Adds every {@code by}-th key, from {@code first} inclusive to {@code last} exclusive; adds nothing if that range
     * is empty.
     */
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

    /** The number of keys in a span. */
    public int keys(int span) {
        return (end[span] - from[span] + step[span] - 1) / step[span];
    }

    /** The number of keys in all spans. */
    public int keys() {
        int sum = 0;
        for (int span = 0; span < count; span++) {
            sum += keys(span);
        }
        return sum;
    }
}
