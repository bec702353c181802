package dev.lockstep.backend.cpu.kernel;

import dev.lockstep.backend.cpu.memory.Matrix;
import dev.lockstep.backend.cpu.memory.Slab;
import dev.lockstep.backend.cpu.memory.Workers;

/**
 * Layer norm (Ba et al., arXiv 1607.06450) and RMS norm (Zhang and Sennrich, arXiv 1910.07467) of each row, or of each
 * of {@code groups} runs of {@code width} columns of a row (norms per head). Weight and bias have {@code width} values,
 * used for every group, or {@code groups * width}; either may be null. Epsilon stands inside the root. Source and
 * target may be the same. Each group must be contiguous. One object per rank; not for several threads at once.
 */
public final class Norms {

    /** Which statistics a norm uses. */
    public enum Kind {
        LAYER,
        RMS
    }

    private final Workers workers;
    private final RowMath math;
    private final Workers.Task task = this::share;
    private Kind kind = Kind.LAYER;
    private Matrix x;
    private Matrix y;
    private int rows;
    private int groups;
    private int width;
    private float[] weight;
    private float[] bias;
    private float epsilon;

    public Norms(Workers workers) {
        this(workers, RowMath.best());
    }

    Norms(Workers workers, RowMath math) {
        this.workers = workers;
        this.math = math;
    }

    /** y = norm(x) over {@code [rowCount, groupCount * columns]}. */
    public void apply(
            Kind normKind,
            Matrix source,
            Matrix target,
            int rowCount,
            int groupCount,
            int columns,
            float[] columnWeight,
            float[] columnBias,
            float eps) {
        kind = normKind;
        x = source;
        y = target;
        rows = rowCount;
        groups = groupCount;
        width = columns;
        weight = columnWeight;
        bias = columnBias;
        epsilon = eps;
        checkContiguous(source, groupCount, columns);
        checkContiguous(target, groupCount, columns);
        workers.run(task, (long) rowCount * groupCount * columns);
    }

    static void checkContiguous(Matrix matrix, int groups, int width) {
        for (int group = 0; group < groups; group++) {
            if (matrix.run(group * width) < width) {
                throw new IllegalArgumentException("a norm over groups of " + width
                        + " columns needs each group contiguous, found runs of " + matrix.inner()
                        + ": copy the matrix first");
            }
        }
    }

    private void share(int worker, int all) {
        int from = (int) ((long) rows * worker / all);
        int to = (int) ((long) rows * (worker + 1) / all);
        for (int row = from; row < to; row++) {
            for (int group = 0; group < groups; group++) {
                normalise(row, group);
            }
        }
    }

    private void normalise(int row, int group) {
        Slab slab = x.slab();
        int xi = x.at(row, group * width);
        float mean = kind == Kind.LAYER ? math.sum(slab, xi, width) / width : 0f;
        float variance = math.squares(mean, slab, xi, width) / width;
        float scale = (float) (1 / Math.sqrt(variance + epsilon));
        int from = perGroup() ? group * width : 0;
        math.normalise(mean, scale, weight, bias, from, slab, xi, y.slab(), y.at(row, group * width), width);
    }

    private boolean perGroup() {
        return groups > 1 && (weight != null ? weight.length > width : bias != null && bias.length > width);
    }
}
