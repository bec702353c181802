package dev.lockstep.backend.cpu.program;

import dev.lockstep.graph.RowAxis;

/** A matrix of the arena while its place is not yet known: rows of an axis, and the instructions between which it lives. */
final class Buffer {
    private final RowAxis rows;
    private final int width;
    private int first = -1;
    private int last = -1;

    private TileScratch scratch;

    /** @param rows null for a single row that belongs to no axis */
    Buffer(RowAxis rows, int width) {
        this.rows = rows;
        this.width = width;
    }

    RowAxis rows() {
        return rows;
    }

    int width() {
        return width;
    }

    /** Notes that an instruction reads or writes it. */
    void touch(int instruction) {
        first = first < 0 ? instruction : first;
        last = Math.max(last, instruction);
    }

    /** Notes that it lives within one run of tiles, whose instructions its life is counted in. */
    void livesIn(TileScratch tiles) {
        scratch = tiles;
    }

    /** Where it lives, when that is within one run of tiles; else null. */
    TileScratch scratch() {
        return scratch;
    }

    int first() {
        return first;
    }

    int last() {
        return last;
    }
}
