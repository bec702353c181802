package dev.lockstep.backend.cpu.program;

import dev.lockstep.backend.Precision;
import dev.lockstep.backend.cpu.gemm.PackedWeight;
import dev.lockstep.backend.cpu.gemm.Rounding;
import dev.lockstep.backend.cpu.kernel.Activation;
import dev.lockstep.backend.cpu.kernel.RowTable;
import dev.lockstep.backend.cpu.memory.Matrix;
import java.util.List;

/**
 * A linear map's matrix and bias as this rank holds them: one packed matrix, or several one below the other if all
 * ranks hold some of its rows. Those rows are multiplied separately: in products of different shapes, their last bits
 * would differ between ranks.
 */
final class LinearWeights implements AutoCloseable {

    /** A key shared by maps whose products take the same memory. */
    record MemoryKey(List<Integer> outputs, int inputs, Precision precision, Rounding rounding, boolean hasBias) {}

    private final List<PackedWeight> parts;
    private final MemoryKey memoryKey;
    private final TiedRows tied;
    private final Matrix target = new Matrix(null, 0, 0);
    /** By worker. */
    private Matrix[] tileTargets = new Matrix[0];

    /** @param tied the matrix's rows for look-ups, or null; closed with the parts */
    LinearWeights(List<PackedWeight> parts, TiedRows tied, Precision precision, Rounding rounding, boolean hasBias) {
        this.parts = List.copyOf(parts);
        List<Integer> outputs = parts.stream().map(PackedWeight::outputs).toList();
        int inputs = parts.isEmpty() ? 0 : parts.get(0).inputs();
        this.memoryKey = new MemoryKey(outputs, inputs, precision, rounding, hasBias);
        this.tied = tied;
    }

    void multiply(StepState step, Matrix in, int rows, Matrix out, Activation activation) {
        int worker = step.worker();
        Matrix part = worker < 0 ? target : tileTargets[worker];
        int column = 0;
        for (int i = 0; i < parts.size(); i++) {
            PackedWeight weight = parts.get(i);
            part.point(out.slab(), out.offset() + column, out.rowStride());
            if (worker < 0) {
                weight.multiply(step.workers(), in, rows, part, activation);
            } else {
                weight.multiplyTile(worker, in, rows, part, activation);
            }
            column += weight.outputs();
        }
    }

    /** Starts products of tiles: see {@link PackedWeight#beginTiles}. */
    void beginTiles() {
        for (int i = 0; i < parts.size(); i++) {
            parts.get(i).beginTiles();
        }
    }

    /** Prepares products of tiles: see {@link PackedWeight#prepareTile}. */
    void prepareTile(StepState step, Matrix in, int rows, Matrix out, Activation activation) {
        if (tileTargets.length == 0) {
            tileTargets = new Matrix[step.workers().threads()];
            for (int i = 0; i < tileTargets.length; i++) {
                tileTargets[i] = new Matrix(null, 0, 0);
            }
        }
        target.point(out.slab(), out.offset(), out.rowStride());
        for (PackedWeight part : parts) {
            part.prepareTile(in, rows, target, activation);
        }
    }

    MemoryKey memoryKey() {
        return memoryKey;
    }

    boolean isSingle() {
        return parts.size() == 1;
    }

    /** The matrix's rows, for look-ups in a tied table. */
    RowTable rows() {
        return tied == null ? parts.get(0) : tied;
    }

    long bytes() {
        long sum = tied == null ? 0 : tied.remainders().bytes();
        for (PackedWeight part : parts) {
            sum += part.bytes();
        }
        return sum;
    }

    @Override
    public void close() {
        parts.forEach(PackedWeight::close);
        if (tied != null) {
            tied.close();
        }
    }
}
