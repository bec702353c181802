package dev.lockstep.backend.cpu.program;

/**
 * An instruction in which every row's result depends on that row only. A worker may run it on some rows of a step while
 * others run it on other rows. It must get its operands from {@link StepState#matrix}, never directly.
 */
interface RowByRow extends Instruction {

    /** Starts a run of tiles: earlier preparations may be dropped. */
    default void begin() {}

    /**
     * Prepares tiles of this many rows; called by one thread, before workers run them.
     *
     * @param rows of a tile
     */
    default void prepare(StepState step, int rows) {}
}
