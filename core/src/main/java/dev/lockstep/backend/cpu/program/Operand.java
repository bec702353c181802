package dev.lockstep.backend.cpu.program;

import dev.lockstep.backend.cpu.memory.Matrix;
import dev.lockstep.backend.cpu.memory.Slab;

/**
 * Columns of a buffer as an instruction sees them. Column {@code c} is at {@code column + (c / inner) * outer + c %
 * inner} of the buffer; the matrix points into the arena once that is laid out.
 */
final class Operand {
    private static final int PLAIN = Integer.MAX_VALUE;

    private final Buffer buffer;
    private final int column;
    private final int inner;
    private final int outer;
    private final int width;
    private final Matrix matrix = new Matrix(null, 0, 0);
    /** By worker. */
    private Matrix[] tiles = new Matrix[0];

    private boolean movesWithTiles;

    private Operand(Buffer buffer, int column, int inner, int outer, int width) {
        this.buffer = buffer;
        this.column = column;
        this.inner = inner;
        this.outer = outer;
        this.width = width;
    }

    /** All columns of a buffer. */
    static Operand all(Buffer buffer) {
        return new Operand(buffer, 0, PLAIN, 0, buffer.width());
    }

    Buffer buffer() {
        return buffer;
    }

    int width() {
        return width;
    }

    /** Points into the arena when laid out; the same object before and after. */
    Matrix matrix() {
        return matrix;
    }

    boolean isPlain() {
        return inner >= width || inner == outer;
    }

    /** Whether consecutive groups of this many columns are each contiguous. */
    boolean runsOf(int columns) {
        return isPlain() || inner % columns == 0;
    }

    /**
     * Some of this operand's columns as an operand of their own, without a copy.
     *
     * @param columns ascending
     * @return null when they do not come in equal runs at equal distances
     */
    Operand select(int[] columns) {
        if (columns.length == 0) {
            return new Operand(buffer, column, PLAIN, 0, 0);
        }
        if (!isPlain()) {
            return null;
        }
        int run = 1;
        while (run < columns.length && columns[run] == columns[run - 1] + 1) {
            run++;
        }
        if (run == columns.length) {
            return new Operand(buffer, column + columns[0], PLAIN, 0, columns.length);
        }
        int stride = columns[run] - columns[0];
        for (int i = 0; i < columns.length; i++) {
            if (columns.length % run != 0 || columns[i] != columns[0] + i / run * stride + i % run) {
                return null;
            }
        }
        return new Operand(buffer, column + columns[0], run, stride, columns.length);
    }

    /** The rows of a worker's tile, the first of them row 0. */
    Matrix tile(int worker) {
        return tiles[worker];
    }

    /** Points to where the buffer is. */
    void place(Slab slab, int bufferOffset) {
        matrix.point(slab, bufferOffset + column, buffer.width(), inner, outer);
    }

    /** Readies tiles for as many workers, each a part of the buffer. */
    void placeTiles(int workers) {
        movesWithTiles = true;
        tiles = new Matrix[workers];
        for (int worker = 0; worker < workers; worker++) {
            tiles[worker] = new Matrix(null, 0, 0);
        }
    }

    /** Points tiles to memory of their own: each worker's begins {@code distance} floats after the one's before. */
    void placeTiles(Slab slab, int start, int distance, int workers) {
        placeTiles(workers);
        movesWithTiles = false;
        for (int worker = 0; worker < workers; worker++) {
            tiles[worker].point(slab, start + worker * distance + column, buffer.width(), inner, outer);
        }
    }

    /** Points a worker's tile to the rows from this one on, where values of whole steps are tiled. */
    void enterTile(int worker, int row) {
        if (movesWithTiles) {
            int offset = matrix.offset() + row * matrix.rowStride();
            tiles[worker].point(matrix.slab(), offset, matrix.rowStride(), matrix.inner(), matrix.outerStride());
        }
    }
}
