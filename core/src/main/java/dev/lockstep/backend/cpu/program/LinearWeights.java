package dev.lockstep.backend.cpu.program;

import dev.lockstep.backend.Precision;
import dev.lockstep.backend.cpu.gemm.PackedWeight;
import dev.lockstep.backend.cpu.gemm.Rounding;
import dev.lockstep.backend.cpu.kernel.Activation;
import dev.lockstep.backend.cpu.kernel.RowTable;
import dev.lockstep.backend.cpu.memory.Matrix;
import java.util.List;

/**
 * A linear map's matrix and bias as this rank holds them: one packed matrix, or several below each other where some rows
 * are held by all ranks. Those rows are a product of their own, since with another shape the last bits would differ
 * between ranks.
 */
final class LinearWeights implements AutoCloseable {

    /** What maps have in common whose products take the same memory. */
    record Sort(List<Integer> outputs, int inputs, Precision precision, Rounding rounding, boolean hasBias) {}

    private final List<PackedWeight> parts;
    private final Sort sort;
    private final TiedRows tied;
    private final Matrix target = new Matrix(null, 0, 0);

    /** @param tied the matrix's rows for look-ups, or null; closed with the parts */
    LinearWeights(List<PackedWeight> parts, TiedRows tied, Precision precision, Rounding rounding, boolean hasBias) {
        this.parts = List.copyOf(parts);
        List<Integer> outputs = parts.stream().map(PackedWeight::outputs).toList();
        int inputs = parts.isEmpty() ? 0 : parts.get(0).inputs();
        this.sort = new Sort(outputs, inputs, precision, rounding, hasBias);
        this.tied = tied;
    }

    void multiply(StepState step, Matrix in, int rows, Matrix out, Activation activation) {
        int column = 0;
        for (PackedWeight part : parts) {
            target.point(out.slab(), out.offset() + column, out.rowStride());
            part.multiply(step.workers(), in, rows, target, activation);
            column += part.outputs();
        }
    }

    Sort sort() {
        return sort;
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
