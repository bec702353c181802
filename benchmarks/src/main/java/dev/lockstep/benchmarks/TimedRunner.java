package dev.lockstep.benchmarks;

import dev.lockstep.backend.Limits;
import dev.lockstep.backend.StepInput;
import dev.lockstep.backend.StepOutput;
import dev.lockstep.generate.StepRunner;
import java.util.ArrayList;
import java.util.List;

/** Runs steps on another runner and notes how long each took and what it had to do. */
final class TimedRunner implements StepRunner {

    /**
     * A step that was run.
     *
     * @param decodesOnly whether every sequence ran one token, as steps do once all prompts are in
     * @param sequences sequences of the step
     * @param tokens their tokens
     * @param seconds how long it took, exchanges with other ranks included
     * @param flops operations over all ranks
     */
    record Step(boolean decodesOnly, int sequences, int tokens, double seconds, double flops) {}

    private final StepRunner runner;
    private final ModelWork work;
    private final List<Step> steps = new ArrayList<>();

    TimedRunner(StepRunner runner, ModelWork work) {
        this.runner = runner;
        this.work = work;
    }

    List<Step> steps() {
        return steps;
    }

    @Override
    public Limits limits() {
        return runner.limits();
    }

    @Override
    public StepInput input() {
        return runner.input();
    }

    @Override
    public StepOutput run() {
        long start = System.nanoTime();
        StepOutput output = runner.run();
        double seconds = (System.nanoTime() - start) / 1e9;
        StepInput input = runner.input();
        boolean decodes = input.entry == StepInput.Entry.DECODE && input.tokens == input.sequences;
        steps.add(new Step(decodes, input.sequences, input.tokens, seconds, work.flops(input)));
        return output;
    }
}
