package dev.lockstep.backend.cpu.gemm;

import dev.lockstep.backend.cpu.kernel.Activation;
import dev.lockstep.backend.cpu.kernel.RowTable;
import dev.lockstep.backend.cpu.memory.Matrix;
import dev.lockstep.backend.cpu.memory.Workers;

/**
 * A weight {@code [outputs, inputs]}, packed for products. Its rows can be read back, so that a tied embedding table
 * need not be stored twice.
 *
 * <ul>
 *   <li>Several threads may read rows at once.
 *   <li>Only one thread at a time may multiply, except for tiles.
 * </ul>
 */
public interface PackedWeight extends RowTable, AutoCloseable {

    /** The most rows of a tile: enough to make good use of the weights that every tile reads. */
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

    /**
     * Starts products of tiles, possibly by several weights. Earlier preparations for any of the engine's weights may
     * be dropped.
     */
    void beginTiles();

    /**
     * Prepares products of tiles of this many rows; called by one thread, before workers multiply such tiles.
     *
     * @param x with the layout of the tiles' activations
     * @param rows at most {@link #TILE_ROWS}
     * @param y with the layout of the tiles' results
     */
    void prepareTile(Matrix x, int rows, Matrix y, Activation activation);

    /**
     * As {@link #multiply}, for a few rows and on the calling thread only. Other workers may multiply other rows at the
     * same time.
     *
     * @param worker the caller's number in the pool that the weight was packed for
     * @param rows as prepared
     */
    void multiplyTile(int worker, Matrix x, int rows, Matrix y, Activation activation);

    /** Bytes held outside the heap, including padding. */
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
