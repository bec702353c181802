package dev.lockstep.backend.cpu.program;

import java.util.Set;

/** One piece of a step. Operands are bound when it is made; a step tells it only how many rows there are. */
@FunctionalInterface
interface Instruction {
    void run(StepState step);

    /** What two instructions have in common that take the same memory; null for one that may take other than any. */
    default Object memoryKey() {
        return null;
    }

    /** Runs for the memory it takes alone, unless one with the same memory key did before. */
    default void probe(StepState step, Set<Object> seen) {
        if (memoryKey() == null || seen.add(memoryKey())) {
            run(step);
        }
    }

    /** The same instruction, with this memory key; null makes it like no other. */
    default Instruction of(Object memoryKey) {
        Instruction same = this;
        return new Instruction() {
            @Override
            public void run(StepState step) {
                same.run(step);
            }

            @Override
            public Object memoryKey() {
                return memoryKey;
            }
        };
    }
}
