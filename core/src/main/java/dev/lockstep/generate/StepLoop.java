package dev.lockstep.generate;

import dev.lockstep.backend.OutOfMemoryException;
import dev.lockstep.backend.StepOutput;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs a scheduler's steps on a machine. A step that runs out of memory is run again in smaller parts. */
final class StepLoop {
    private static final Logger LOG = LoggerFactory.getLogger(StepLoop.class);

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

    /**
     * Runs one step, if there is anything to run.
     *
     * @throws OutOfMemoryException when the smallest possible step runs out of memory
     */
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
        while (true) {
            steps++;
            int tokens = runner.input().tokens;
            try {
                return runner.run();
            } catch (OutOfMemoryException failed) {
                if (!scheduler.shrink()) {
                    throw failed;
                }
                LOG.warn(
                        "a step of {} tokens ran out of memory and is run again with {}; no row is lost: {}",
                        tokens,
                        runner.input().tokens,
                        failed.getMessage());
            }
        }
    }
}
