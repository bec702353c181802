package dev.lockstep.backend.cpu.program;

/**
 * An instruction in which every row's result follows from that row alone: it may run on some rows of a step, by one
 * worker, while others run it on other rows. It finds operands by {@link StepState#matrix}, never by themselves.
 */
interface RowByRow extends Instruction {

    /** Begins tiles: what was readied before may be dropped. */
    default void begin() {}

    /**
     * Readies what runs on tiles of so many rows need; called by one thread, before workers run them.
     *
     * @param rows of a tile
     */
    default void prepare(StepState step, int rows) {}
}
