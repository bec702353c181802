package dev.lockstep.backend.cpu.program;

import dev.lockstep.backend.cpu.kernel.RowMath;
import dev.lockstep.backend.cpu.memory.Matrix;
import dev.lockstep.backend.cpu.memory.Workers;
import dev.lockstep.collective.Mesh;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Turns some rows' logits into log-probabilities, in place. Ranks exchange the largest logit and the mass of their part
 * of the vocabulary; each subtracts the logarithm of the total mass from its logits.
 */
final class LogitNormaliser {
    private static final int NUMBERS = 2;

    private final Mesh mesh;
    private final Workers workers;
    private final RowMath math = RowMath.best();
    private final Workers.Task measureTask = this::measure;
    private final Workers.Task subtractTask = this::subtract;
    private ByteBuffer own = ByteBuffer.allocateDirect(0);
    private ByteBuffer all = ByteBuffer.allocateDirect(0);
    private Matrix logits;
    private int rows;
    private int width;
    private int parts;
    private boolean[] chosen;

    LogitNormaliser(Mesh mesh, Workers workers) {
        this.mesh = mesh;
        this.workers = workers;
    }

    /**
     * @param rowLogits plain {@code [rowCount, localVocabulary]}
     * @param split whether other ranks hold other parts; must be the same on all ranks, as must the rows
     * @param normalised by row
     */
    void apply(Matrix rowLogits, int rowCount, int localVocabulary, boolean split, boolean[] normalised) {
        boolean none = true;
        for (int row = 0; row < rowCount; row++) {
            none &= !normalised[row];
        }
        if (none) {
            return;
        }
        logits = rowLogits;
        rows = rowCount;
        width = localVocabulary;
        chosen = normalised;
        parts = split ? mesh.size() : 1;
        int bytes = rows * NUMBERS * Float.BYTES;
        if (own.capacity() < bytes) {
            own = ByteBuffer.allocateDirect(2 * bytes).order(ByteOrder.nativeOrder());
            all = ByteBuffer.allocateDirect(2 * bytes * mesh.size()).order(ByteOrder.nativeOrder());
        }
        workers.run(measureTask, (long) rows * width);
        if (split) {
            mesh.allGather(own, 0, bytes, all, 0);
        }
        workers.run(subtractTask, (long) rows * width);
    }

    private void measure(int worker, int workerCount) {
        int to = (int) ((long) rows * (worker + 1) / workerCount);
        for (int row = (int) ((long) rows * worker / workerCount); row < to; row++) {
            int at = logits.at(row, 0);
            float max = chosen[row] ? math.max(logits.slab(), at, width) : Float.NEGATIVE_INFINITY;
            boolean any = max > Float.NEGATIVE_INFINITY;
            own.putFloat(row * NUMBERS * Float.BYTES, max);
            own.putFloat((row * NUMBERS + 1) * Float.BYTES, any ? math.sumExp(max, logits.slab(), at, width) : 0);
        }
    }

    private void subtract(int worker, int workerCount) {
        int to = (int) ((long) rows * (worker + 1) / workerCount);
        for (int row = (int) ((long) rows * worker / workerCount); row < to; row++) {
            if (chosen[row]) {
                int at = logits.at(row, 0);
                math.normalise(logSumExp(row), 1f, null, null, 0, logits.slab(), at, logits.slab(), at, width);
            }
        }
    }

    private float logSumExp(int row) {
        ByteBuffer from = parts > 1 ? all : own;
        int partBytes = rows * NUMBERS * Float.BYTES;
        int at = row * NUMBERS * Float.BYTES;
        float max = Float.NEGATIVE_INFINITY;
        for (int part = 0; part < parts; part++) {
            max = Math.max(max, from.getFloat(part * partBytes + at));
        }
        double sum = 0;
        for (int part = 0; part < parts; part++) {
            float mass = from.getFloat(part * partBytes + at + Float.BYTES);
            sum += mass == 0 ? 0 : mass * Math.exp(from.getFloat(part * partBytes + at) - max);
        }
        return (float) (max + Math.log(sum));
    }
}
