package dev.lockstep.generate;

import dev.lockstep.backend.StepOutput;

/** Runs a scheduler's steps on a machine. */
final class StepLoop {
    private final StepRunner runner;
    private final Scheduler scheduler;
    private long steps;

    StepLoop(StepRunner runner, Scheduler scheduler) {
        this.runner = runner;
        this.scheduler = scheduler;
    }

    Scheduler scheduler() {
        return scheduler;
    }

    /** Steps run so far, repeated ones included. */
    long steps() {
        return steps;
    }

    /** Runs one step, if there is anything to run. */
    void step() {
        if (!scheduler.fill()) {
            return;
        }
        StepOutput output = run();
        while (scheduler.askAgain(output)) {
            output = run();
        }
        scheduler.advance(output);
    }

    private StepOutput run() {
        steps++;
        return runner.run();
    }
}
