package dev.lockstep.generate;

import dev.lockstep.backend.Limits;
import dev.lockstep.backend.StepInput;
import dev.lockstep.backend.StepOutput;

/** What generation needs of the machine: one step of the whole group. */
public interface StepRunner {

    /** The largest step that may be asked for, and the pool's size. */
    Limits limits();

    /** An input to fill; the same object every time. */
    StepInput input();

    /** Runs the filled input on all ranks. The output is valid until the next call. */
    StepOutput run();
}
