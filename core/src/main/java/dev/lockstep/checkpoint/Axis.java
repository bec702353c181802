package dev.lockstep.checkpoint;

import java.util.Arrays;

/**
 * The entries of a slice along one axis: the source index of each ({@code source}, ascending) and its offset in the
 * target. A slice is the cross product of its axes, and both positions are sums over them. Evenly spaced entries, by
 * far the most common, need no tables. Immutable.
 */
final class Axis {
    private final int count;
    private final long sourceStart;
    private final long sourceStep;
    private final int targetStart;
    private final int targetStep;
    /** Both null when the entries are evenly spaced. */
    private final long[] sources;

    private final int[] targets;
    private final boolean dense;

    private Axis(int count, long sourceStart, long sourceStep, int targetStart, int targetStep) {
        this.count = count;
        this.sourceStart = sourceStart;
        // One canonical form for single entries, so that equal slices are equal.
        this.sourceStep = count == 1 ? 1 : sourceStep;
        this.targetStart = targetStart;
        this.targetStep = count == 1 ? 1 : targetStep;
        sources = null;
        targets = null;
        dense = this.targetStep == 1;
    }

    private Axis(long[] sources, int[] targets) {
        count = sources.length;
        sourceStart = sources[0];
        sourceStep = 0;
        targetStart = targets[0];
        targetStep = 0;
        this.sources = sources;
        this.targets = targets;
        boolean neighbours = true;
        for (int i = 1; neighbours && i < count; i++) {
            neighbours = targets[i] - targets[i - 1] == 1;
        }
        dense = neighbours;
    }

    /** Evenly spaced entries. */
    static Axis even(int count, long sourceStart, long sourceStep, int targetStart, int targetStep) {
        return new Axis(count, sourceStart, sourceStep, targetStart, targetStep);
    }

    static Axis single(long source, int target) {
        return new Axis(1, source, 1, target, 1);
    }

    /** The entries of an index list (null: all of them), {@code targetStep} apart in the target. */
    static Axis of(int[] indices, int length, int targetStep) {
        if (indices == null || indices.length == 0) {
            return new Axis(indices == null ? length : 0, 0, 1, 0, targetStep);
        }
        long[] sources = new long[indices.length];
        int[] targets = new int[indices.length];
        for (int i = 0; i < sources.length; i++) {
            sources[i] = indices[i];
            targets[i] = i * targetStep;
        }
        return table(sources, targets);
    }

    /** Entries from tables, which are not copied; at least one. */
    static Axis table(long[] sources, int[] targets) {
        if (sources.length == 1) {
            return single(sources[0], targets[0]);
        }
        long sourceStep = sources[1] - sources[0];
        int targetStep = targets[1] - targets[0];
        for (int i = 2; i < sources.length; i++) {
            if (sources[i] - sources[i - 1] != sourceStep || targets[i] - targets[i - 1] != targetStep) {
                return new Axis(sources, targets);
            }
        }
        return new Axis(sources.length, sources[0], sourceStep, targets[0], targetStep);
    }

    int count() {
        return count;
    }

    /** Whether entries are evenly spaced, in the source and in the target. */
    boolean isEven() {
        return sources == null;
    }

    /** Distance between neighbours in the source; even axes only. */
    long sourceStep() {
        return sourceStep;
    }

    /** Distance between neighbours in the target; even axes only. */
    int targetStep() {
        return targetStep;
    }

    /** Whether neighbours are neighbours in the target. */
    boolean isDense() {
        return dense;
    }

    long source(int entry) {
        return sources == null ? sourceStart + entry * sourceStep : sources[entry];
    }

    int target(int entry) {
        return targets == null ? targetStart + entry * targetStep : targets[entry];
    }

    /** From the first entry's source to the last one's. */
    long reach() {
        return count == 0 ? 0 : source(count - 1) - source(0);
    }

    /** The largest distance between neighbours in the source; 0 for a single entry. */
    long widestStep() {
        if (sources == null || count < 2) {
            return count < 2 ? 0 : sourceStep;
        }
        long widest = 0;
        for (int i = 1; i < count; i++) {
            widest = Math.max(widest, sources[i] - sources[i - 1]);
        }
        return widest;
    }

    /** The number of leading entries whose source lies below {@code bound}. */
    int below(long bound) {
        int low = 0;
        int high = count;
        while (low < high) {
            int middle = low + high >>> 1;
            if (source(middle) < bound) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    Axis slice(int from, int to) {
        if (sources == null || to - from < 2) {
            return new Axis(
                    to - from, from == to ? 0 : source(from), sourceStep, from == to ? 0 : target(from), targetStep);
        }
        return table(Arrays.copyOfRange(sources, from, to), Arrays.copyOfRange(targets, from, to));
    }

    /** The same entries with sources {@code source * factor + offset}. */
    Axis sourced(long factor, long offset) {
        if (sources == null) {
            return new Axis(count, sourceStart * factor + offset, sourceStep * factor, targetStart, targetStep);
        }
        long[] moved = new long[count];
        for (int i = 0; i < count; i++) {
            moved[i] = sources[i] * factor + offset;
        }
        return table(moved, targets);
    }

    /** The same entries with targets counted from the first one's. */
    Axis fromZero() {
        if (sources == null) {
            return new Axis(count, sourceStart, sourceStep, 0, targetStep);
        }
        int[] moved = new int[count];
        Arrays.setAll(moved, i -> targets[i] - targets[0]);
        return new Axis(sources, moved);
    }

    /** The same sources, {@code step} apart in the target, from its start on. */
    Axis retargeted(int step) {
        if (sources == null) {
            return new Axis(count, sourceStart, sourceStep, 0, step);
        }
        int[] even = new int[count];
        Arrays.setAll(even, i -> i * step);
        return table(sources, even);
    }

    /**
     * This axis and {@code inner}, which lies {@code length} long inside each of its entries, as one. Row-major.
     */
    Axis merged(Axis inner, long length) {
        Axis outer = sourced(length, 0);
        if (outer.joins(inner)) {
            return outer.joined(inner);
        }
        long[] mergedSources = new long[Math.multiplyExact(count, inner.count)];
        int[] mergedTargets = new int[mergedSources.length];
        int next = 0;
        for (int i = 0; i < count; i++) {
            for (int j = 0; j < inner.count; j++, next++) {
                mergedSources[next] = outer.source(i) + inner.source(j);
                mergedTargets[next] = outer.target(i) + inner.target(j);
            }
        }
        return table(mergedSources, mergedTargets);
    }

    /** Whether this axis around {@code inner}, both in the same units, is one even axis. */
    boolean joins(Axis inner) {
        if (!isEven() || !inner.isEven()) {
            return false;
        }
        return count == 1
                || inner.count == 1
                || (sourceStep == inner.count * inner.sourceStep && targetStep == inner.count * inner.targetStep);
    }

    /** The one even axis of {@link #joins}. */
    Axis joined(Axis inner) {
        Axis steps = inner.count == 1 ? this : inner;
        return new Axis(
                Math.multiplyExact(count, inner.count),
                sourceStart + inner.sourceStart,
                steps.sourceStep,
                targetStart + inner.targetStart,
                steps.targetStep);
    }

    /** Whether both take the same sources, wherever they put them. */
    boolean sameSources(Axis other) {
        if (count != other.count) {
            return false;
        }
        for (int i = 0; i < count; i++) {
            if (source(i) != other.source(i)) {
                return false;
            }
            if (i == 1 && sources == null && other.sources == null) {
                return true;
            }
        }
        return true;
    }

    /** Equal for axes of the same sources. */
    int sourcesHash() {
        return count == 0 ? 0 : Arrays.hashCode(new long[] {count, source(0), source(count - 1)});
    }
}
