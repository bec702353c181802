package dev.lockstep.backend.cpu.program;

import java.util.Set;

/** One operation of a step. Its operands are bound when it is made; a step supplies only the row counts. */
@FunctionalInterface
interface Instruction {
    void run(StepState step);

    /** A key shared by instructions that take the same memory; null if this one may differ from all others. */
    default Object memoryKey() {
        return null;
    }

    /** Runs only to find the memory it takes, unless an instruction with the same memory key has run before. */
    default void probe(StepState step, Set<Object> seen) {
        if (memoryKey() == null || seen.add(memoryKey())) {
            run(step);
        }
    }

    /** The same instruction with this memory key; with null it differs from all others. */
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
