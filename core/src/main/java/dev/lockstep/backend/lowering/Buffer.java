package dev.lockstep.backend.lowering;

import dev.lockstep.graph.RowAxis;

/**
 * A matrix of fp32 values that steps read and write. Two buffers are the same only if they are the same object.
 */
public final class Buffer {
    private final RowAxis rows;
    private final int width;

    /**
     * @param rows the axis whose rows it has; null for one row that belongs to no axis
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
