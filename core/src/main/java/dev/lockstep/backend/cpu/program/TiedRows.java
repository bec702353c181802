package dev.lockstep.backend.cpu.program;

import dev.lockstep.backend.cpu.kernel.Remainders;
import dev.lockstep.backend.cpu.kernel.RowTable;
import dev.lockstep.backend.cpu.memory.Slab;

/**
 * The rows of a packed bf16 matrix for look-ups, with the bits that rounding removed added back. A product averages out
 * the rounding of many weights, but the errors of a looked-up row go into all layers.
 */
record TiedRows(RowTable rounded, Remainders remainders) implements RowTable, AutoCloseable {

    @Override
    public int rows() {
        return rounded.rows();
    }

    @Override
    public int width() {
        return rounded.width();
    }

    @Override
    public void row(int row, Slab target, int offset) {
        rounded.row(row, target, offset);
        remainders.restore(row, target, offset);
    }

    /** Closes the remainders; the packed matrix is owned elsewhere. */
    @Override
    public void close() {
        remainders.close();
    }
}
