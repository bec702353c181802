package dev.lockstep.backend.cpu.kernel;

import dev.lockstep.backend.cpu.memory.Slab;

/** A table {@code [rows, width]} of which rows can be read as fp32. Reading is safe for several threads at once. */
public interface RowTable {

    int rows();

    int width();

    /**
     * Reads one row.
     *
     * @param target where to, from float {@code offset} on; what it held is replaced
     * @throws IndexOutOfBoundsException when the table has no such row
     */
    void row(int row, Slab target, int offset);
}
