package dev.lockstep.checkpoint;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Splits the entries of one axis over the axes it was merged from. */
final class AxisSplit {
    private AxisSplit() {}

    /**
     * The entries of a merged axis as cross products over the axes of the given lengths, major first. A regular list
     * gives one; a list that is not a cross product gives several.
     */
    static List<Axis[]> split(Axis merged, List<Integer> lengths) {
        if (lengths.size() == 1) {
            return List.<Axis[]>of(new Axis[] {merged});
        }
        List<Integer> rest = lengths.subList(1, lengths.size());
        long inner = 1;
        for (int length : rest) {
            inner *= length;
        }
        List<Axis[]> boxes = new ArrayList<>();
        for (Axis[] pair : inTwo(merged, inner)) {
            for (Axis[] minor : split(pair[1], rest)) {
                Axis[] axes = new Axis[lengths.size()];
                axes[0] = pair[0];
                System.arraycopy(minor, 0, axes, 1, minor.length);
                boxes.add(axes);
            }
        }
        return boxes;
    }

    /** Pairs of an outer and an inner axis, the inner one {@code length} long. */
    private static List<Axis[]> inTwo(Axis merged, long length) {
        List<Axis[]> pairs = new ArrayList<>();
        if (merged.isEven() && merged.sourceStep() == 1 && merged.count() >= length) {
            evenInTwo(merged, (int) length, pairs);
        } else {
            tableInTwo(merged, length, pairs);
        }
        return pairs;
    }

    /** An unbroken range: a part of its first row, whole rows, a part of its last row, each where present. */
    private static void evenInTwo(Axis range, int length, List<Axis[]> pairs) {
        int head = (int) Math.min(range.count(), (length - range.source(0) % length) % length);
        int rows = (range.count() - head) / length;
        int tail = head + rows * length;
        if (head > 0) {
            tableInTwo(range.slice(0, head), length, pairs);
        }
        if (rows > 0) {
            Axis outer =
                    Axis.even(rows, range.source(head) / length, 1, range.target(head), range.targetStep() * length);
            pairs.add(new Axis[] {outer, Axis.even(length, 0, 1, 0, range.targetStep())});
        }
        if (tail < range.count()) {
            tableInTwo(range.slice(tail, range.count()), length, pairs);
        }
    }

    /** Neighbouring rows that take the same columns, at the same distances in the target, become one pair. */
    private static void tableInTwo(Axis merged, long length, List<Axis[]> pairs) {
        int from = 0;
        while (from < merged.count()) {
            int width = rowEnd(merged, length, from) - from;
            long[] rowSources = new long[4];
            int[] rowTargets = new int[4];
            int rows = 0;
            int next = from;
            while (next < merged.count() && (rows == 0 || sameRow(merged, length, from, next, width))) {
                if (rows == rowSources.length) {
                    rowSources = Arrays.copyOf(rowSources, 2 * rows);
                    rowTargets = Arrays.copyOf(rowTargets, 2 * rows);
                }
                rowSources[rows] = merged.source(next) / length;
                rowTargets[rows++] = merged.target(next);
                next += width;
            }
            Axis inner = merged.slice(from, from + width);
            Axis columns = inner.sourced(1, -(merged.source(from) / length * length));
            pairs.add(new Axis[] {
                Axis.table(Arrays.copyOf(rowSources, rows), Arrays.copyOf(rowTargets, rows)), columns.fromZero()
            });
            from = next;
        }
    }

    private static int rowEnd(Axis merged, long length, int from) {
        return merged.below((merged.source(from) / length + 1) * length);
    }

    private static boolean sameRow(Axis merged, long length, int first, int other, int width) {
        if (rowEnd(merged, length, other) - other != width) {
            return false;
        }
        for (int i = 0; i < width; i++) {
            if (merged.source(first + i) % length != merged.source(other + i) % length
                    || merged.target(first + i) - merged.target(first)
                            != merged.target(other + i) - merged.target(other)) {
                return false;
            }
        }
        return true;
    }
}
