package dev.lockstep.backend.cpu.kernel;

import dev.lockstep.backend.cpu.memory.Matrix;
import dev.lockstep.backend.cpu.memory.Workers;

/**
 * Norms over an axis that is split over ranks, in three steps: {@link #statistics} of the local columns, which ranks
 * exchange, {@link #combine}, and {@link #apply}. The statistics of a row are three floats: count, mean, and the sum of
 * squared deviations from it (Chan, Golub and LeVeque, 1979). One object per rank; not for several threads at once.
 */
public final class SplitNorms {

    /** Floats of a row's statistics. */
    public static final int STATISTICS = 3;

    private final Workers workers;
    private final RowMath math = RowMath.best();
    private final Workers.Task statisticsTask = this::statisticsShare;
    private final Workers.Task applyTask = this::applyShare;
    private Norms.Kind kind = Norms.Kind.LAYER;
    private Matrix x;
    private Matrix y;
    private Matrix statistics;
    private boolean[] owned;
    private int rows;
    private int width;
    private float[] weight;
    private float[] bias;
    private float epsilon;

    public SplitNorms(Workers workers) {
        this.workers = workers;
    }

    /**
     * Local statistics of each row.
     *
     * @param ownedColumns which of the local columns count here, where some are held by two ranks; null for all
     * @param target {@code [rowCount, 3]}
     */
    public void statistics(Matrix source, int rowCount, int columns, boolean[] ownedColumns, Matrix target) {
        Norms.checkContiguous(source, 1, columns);
        x = source;
        rows = rowCount;
        width = columns;
        owned = ownedColumns;
        statistics = target;
        workers.run(statisticsTask, (long) rowCount * columns);
    }

    private void statisticsShare(int worker, int all) {
        int from = (int) ((long) rows * worker / all);
        int to = (int) ((long) rows * (worker + 1) / all);
        for (int row = from; row < to; row++) {
            if (owned == null) {
                float mean = width == 0 ? 0 : math.sum(x.slab(), x.at(row, 0), width) / width;
                store(row, width, mean, math.squares(mean, x.slab(), x.at(row, 0), width));
            } else {
                ownedStatistics(row);
            }
        }
    }

    private void ownedStatistics(int row) {
        int count = 0;
        double sum = 0;
        for (int column = 0; column < width; column++) {
            if (owned[column]) {
                count++;
                sum += x.get(row, column);
            }
        }
        double mean = count == 0 ? 0 : sum / count;
        double squares = 0;
        for (int column = 0; column < width; column++) {
            if (owned[column]) {
                double centred = x.get(row, column) - mean;
                squares += centred * centred;
            }
        }
        store(row, count, (float) mean, (float) squares);
    }

    private void store(int row, int count, float mean, float squares) {
        statistics.set(row, 0, count);
        statistics.set(row, 1, mean);
        statistics.set(row, 2, squares);
    }

    /**
     * Combines the statistics of all ranks, in rank order, so that every rank gets the same bits.
     *
     * @param gathered {@code [ranks * rowCount, 3]}, rank by rank
     * @param target {@code [rowCount, 3]}; may be the first rank's part of {@code gathered}
     */
    public static void combine(Matrix gathered, int ranks, int rowCount, Matrix target) {
        for (int row = 0; row < rowCount; row++) {
            double count = 0;
            double mean = 0;
            double squares = 0;
            for (int rank = 0; rank < ranks; rank++) {
                int from = rank * rowCount + row;
                double more = gathered.get(from, 0);
                if (more > 0) {
                    double delta = gathered.get(from, 1) - mean;
                    double total = count + more;
                    mean += delta * more / total;
                    squares += gathered.get(from, 2) + delta * delta * count * more / total;
                    count = total;
                }
            }
            target.set(row, 0, (float) count);
            target.set(row, 1, (float) mean);
            target.set(row, 2, (float) squares);
        }
    }

    /**
     * target = norm(source) of the local columns by the combined statistics; weight and bias are the local columns' or
     * null.
     */
    public void apply(
            Norms.Kind normKind,
            Matrix source,
            Matrix combined,
            Matrix target,
            int rowCount,
            int columns,
            float[] columnWeight,
            float[] columnBias,
            float eps) {
        Norms.checkContiguous(source, 1, columns);
        Norms.checkContiguous(target, 1, columns);
        kind = normKind;
        x = source;
        y = target;
        statistics = combined;
        rows = rowCount;
        width = columns;
        weight = columnWeight;
        bias = columnBias;
        epsilon = eps;
        workers.run(applyTask, (long) rowCount * columns);
    }

    private void applyShare(int worker, int all) {
        int from = (int) ((long) rows * worker / all);
        int to = (int) ((long) rows * (worker + 1) / all);
        for (int row = from; row < to; row++) {
            double count = statistics.get(row, 0);
            double mean = statistics.get(row, 1);
            double variance = statistics.get(row, 2) / count;
            if (kind == Norms.Kind.RMS) {
                variance += mean * mean;
                mean = 0;
            }
            float scale = (float) (1 / Math.sqrt(variance + epsilon));
            math.normalise((float) mean, scale, weight, bias, 0, x.slab(), x.at(row, 0), y.slab(), y.at(row, 0), width);
        }
    }
}
