package dev.lockstep.backend.cpu.program;

/** One piece of a step. Operands are bound when it is made; a step tells it only how many rows there are. */
@FunctionalInterface
interface Instruction {
    void run(StepState step);
}
