package dev.lockstep.backend.cpu.program;

import dev.lockstep.backend.cpu.kernel.Remainders;
import dev.lockstep.backend.cpu.kernel.RowTable;
import dev.lockstep.backend.cpu.memory.Slab;

/**
 * The rows of a packed bf16 matrix, looked up with the bits that rounding took. A product averages the rounding of many
 * weights, but a row that is looked up goes whole into all layers.
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

    /** Closes the remainders; the packed matrix has an owner of its own. */
    @Override
    public void close() {
        remainders.close();
    }
}
