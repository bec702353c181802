package dev.lockstep.backend.cpu.program;

import dev.lockstep.backend.cpu.memory.Matrix;
import dev.lockstep.backend.cpu.memory.Slab;
import dev.lockstep.backend.lowering.View;
import dev.lockstep.graph.RowAxis;

/** A view as instructions use it: a matrix that points into the arena once the arena is laid out. */
final class Operand {
    private final View view;
    private final Matrix matrix = new Matrix(null, 0, 0);
    /** By worker. */
    private Matrix[] tiles = new Matrix[0];

    private boolean movesWithTiles;

    Operand(View view) {
        this.view = view;
    }

    View view() {
        return view;
    }

    RowAxis rows() {
        return view.rows();
    }

    int width() {
        return view.width();
    }

    /** The matrix object, which is the same before and after it is pointed into the arena. */
    Matrix matrix() {
        return matrix;
    }

    boolean isPlain() {
        return view.isPlain();
    }

    /** The rows of a worker's tile; the tile's first row is row 0. */
    Matrix tile(int worker) {
        return tiles[worker];
    }

    /** Points the operand to its buffer. */
    void place(Slab slab, int bufferOffset) {
        matrix.point(slab, bufferOffset + view.column(), view.buffer().width(), view.inner(), view.outer());
    }

    /** Prepares tiles for this many workers, each a part of the buffer. */
    void placeTiles(int workers) {
        movesWithTiles = true;
        tiles = new Matrix[workers];
        for (int worker = 0; worker < workers; worker++) {
            tiles[worker] = new Matrix(null, 0, 0);
        }
    }

    /** Points tiles to memory of their own: the tiles of consecutive workers start {@code distance} floats apart. */
    void placeTiles(Slab slab, int start, int distance, int workers) {
        placeTiles(workers);
        movesWithTiles = false;
        for (int worker = 0; worker < workers; worker++) {
            int from = start + worker * distance + view.column();
            tiles[worker].point(slab, from, view.buffer().width(), view.inner(), view.outer());
        }
    }

    /** Points a worker's tile to the rows starting at this one, if the tile is a part of whole-step values. */
    void enterTile(int worker, int row) {
        if (movesWithTiles) {
            int offset = matrix.offset() + row * matrix.rowStride();
            tiles[worker].point(matrix.slab(), offset, matrix.rowStride(), matrix.inner(), matrix.outerStride());
        }
    }
}
