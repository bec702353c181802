package dev.lockstep.backend.cpu.gemm;

import dev.lockstep.backend.cpu.kernel.Activation;
import dev.lockstep.backend.cpu.kernel.RowTable;
import dev.lockstep.backend.cpu.memory.Matrix;
import dev.lockstep.backend.cpu.memory.Workers;

/**
 * A weight {@code [outputs, inputs]}, packed for products. Its rows can be read back, so that a tied embedding table
 * need not be held twice. Reading rows is safe for several threads; multiplying is for one at a time.
 */
public interface PackedWeight extends RowTable, AutoCloseable {

    int outputs();

    int inputs();

    /**
     * y = activation(x · Wᵀ + bias).
     *
     * @param workers the pool it was packed for
     * @param x plain {@code [rows, inputs]}
     * @param y plain {@code [rows, outputs]}; not x
     */
    void multiply(Workers workers, Matrix x, int rows, Matrix y, Activation activation);

    /** y += x · Wᵀ + bias; shapes as for {@link #multiply}. */
    void multiplyAdd(Workers workers, Matrix x, int rows, Matrix y);

    /** Bytes held outside the heap, padding included. */
    long bytes();

    @Override
    default int rows() {
        return outputs();
    }

    @Override
    default int width() {
        return inputs();
    }

    @Override
    void close();
}
