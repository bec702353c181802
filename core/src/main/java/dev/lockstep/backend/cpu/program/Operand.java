package dev.lockstep.backend.cpu.program;

import dev.lockstep.backend.cpu.memory.Matrix;
import dev.lockstep.backend.cpu.memory.Slab;
import dev.lockstep.backend.lowering.View;
import dev.lockstep.graph.RowAxis;

/** A view as instructions see it: a matrix that points into the arena once that is laid out. */
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

    /** Points into the arena when laid out; the same object before and after. */
    Matrix matrix() {
        return matrix;
    }

    boolean isPlain() {
        return view.isPlain();
    }

    /** The rows of a worker's tile, the first of them row 0. */
    Matrix tile(int worker) {
        return tiles[worker];
    }

    /** Points to where the buffer is. */
    void place(Slab slab, int bufferOffset) {
        matrix.point(slab, bufferOffset + view.column(), view.buffer().width(), view.inner(), view.outer());
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
            int from = start + worker * distance + view.column();
            tiles[worker].point(slab, from, view.buffer().width(), view.inner(), view.outer());
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
