package dev.lockstep.backend.cpu.program;

import dev.lockstep.backend.cpu.gemm.PackedWeight;
import dev.lockstep.backend.cpu.kernel.Activation;
import dev.lockstep.backend.cpu.memory.Matrix;
import dev.lockstep.backend.cpu.memory.Workers;
import java.util.List;

/** One packed matrix for each of the rank's heads. */
final class HeadMatrices implements AutoCloseable {
    private final List<PackedWeight> heads;
    private final Matrix source = new Matrix(null, 0, 0);
    private final Matrix target = new Matrix(null, 0, 0);

    HeadMatrices(List<PackedWeight> heads) {
        this.heads = List.copyOf(heads);
    }

    /**
     * Multiplies each head by its matrix.
     *
     * @param in plain {@code [rows, heads * inputs]}
     * @param out plain {@code [rows, heads * outputs]}
     */
    void multiply(Workers workers, Matrix in, int rows, Matrix out) {
        int from = in.offset();
        int to = out.offset();
        for (PackedWeight head : heads) {
            source.point(in.slab(), from, in.rowStride());
            target.point(out.slab(), to, out.rowStride());
            head.multiply(workers, source, rows, target, Activation.NONE);
            from += head.inputs();
            to += head.outputs();
        }
    }

    long bytes() {
        long sum = 0;
        for (PackedWeight head : heads) {
            sum += head.bytes();
        }
        return sum;
    }

    @Override
    public void close() {
        heads.forEach(PackedWeight::close);
    }
}
