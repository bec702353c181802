package dev.lockstep.backend.cpu.gemm;

import dev.lockstep.backend.cpu.kernel.Activation;
import dev.lockstep.backend.cpu.kernel.RowTable;
import dev.lockstep.backend.cpu.memory.Matrix;
import dev.lockstep.backend.cpu.memory.Workers;

/**
 * A weight {@code [outputs, inputs]}, packed for products. Its rows can be read back, so that a tied embedding table
 * need not be held twice. Reading rows is safe for several threads;
 * multiplying is for one at a time, but for tiles.
 */
public interface PackedWeight extends RowTable, AutoCloseable {

    /** Rows of a tile at most: enough to make good use of the weights that every tile reads. */
    int TILE_ROWS = 128;

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

    /** Begins products of tiles, perhaps by several weights: what was readied before for any of the engine's may be dropped. */
    void beginTiles();

    /**
     * Readies products of tiles of so many rows; called by one thread, before workers multiply such tiles.
     *
     * @param x as the tiles' activations lie
     * @param rows at most {@link #TILE_ROWS}
     * @param y as the tiles' results lie
     */
    void prepareTile(Matrix x, int rows, Matrix y, Activation activation);

    /**
     * As {@link #multiply}, for a few rows and by the calling thread alone; other workers may multiply other rows at the
     * same time.
     *
     * @param worker the caller's number in the pool that the weight was packed for
     * @param rows as readied
     */
    void multiplyTile(int worker, Matrix x, int rows, Matrix y, Activation activation);

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
