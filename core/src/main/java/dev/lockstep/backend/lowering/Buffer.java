package dev.lockstep.backend.lowering;

import dev.lockstep.graph.RowAxis;

/** A matrix of fp32 values that steps read and write. Buffers are compared by identity. */
public final class Buffer {
    private final RowAxis rows;
    private final int width;

    /**
     * @param rows its row axis; null for a single row that belongs to no axis
     * @param width columns
     */
    public Buffer(RowAxis rows, int width) {
        this.rows = rows;
        this.width = width;
    }

    public RowAxis rows() {
        return rows;
    }

    public int width() {
        return width;
    }
}
