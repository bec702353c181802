package dev.lockstep.benchmarks;

import dev.lockstep.backend.Limits;
import dev.lockstep.backend.StepInput;
import dev.lockstep.backend.StepOutput;
import dev.lockstep.generate.StepRunner;
import dev.lockstep.graph.EntryPoint;
import java.util.ArrayList;
import java.util.List;

/** Runs steps on another runner and notes how long each took, what it had to do, and what it allocated. */
final class TimedRunner implements StepRunner {

    /**
     * A step that was run.
     *
     * @param decodesOnly whether every sequence ran one token, as steps do once all prompts are in
     * @param sequences sequences of the step
     * @param tokens their tokens
     * @param seconds how long it took, exchanges with other ranks included
     * @param flops operations over all ranks
     * @param heapBytes allocated by all threads while it ran
     * @param heapBytesBefore allocated since the step before it
     */
    record Step(
            boolean decodesOnly,
            int sequences,
            int tokens,
            double seconds,
            double flops,
            long heapBytes,
            long heapBytesBefore) {

        /** Whether it gave each of so many rows one token. */
        boolean decodes(int rows) {
            return decodesOnly && sequences == rows;
        }
    }

    private final StepRunner runner;
    private final ModelWork work;
    private final List<Step> steps = new ArrayList<>();
    private HeapMeter meter = new HeapMeter();
    /** Bytes that the steps noted and those before them allocated, without what noting them did. */
    private long counted;
    /** The meter's reading when the last step was noted. */
    private long last = meter.read();

    TimedRunner(StepRunner runner, ModelWork work) {
        this.runner = runner;
        this.work = work;
    }

    /** Forgets all steps, and counts from here on. */
    void restart() {
        steps.clear();
        counted = 0;
        meter = new HeapMeter();
        last = meter.read();
    }

    List<Step> steps() {
        return steps;
    }

    /** Heap bytes allocated since the start, by all threads that lived then. */
    long heapBytes() {
        return counted + meter.read() - last;
    }

    /** Whether these are all, see {@link HeapMeter}. */
    boolean heapBytesAreComplete() {
        return meter.isComplete();
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
        long before = meter.read();
        long start = System.nanoTime();
        StepOutput output = runner.run();
        double seconds = (System.nanoTime() - start) / 1e9;
        long after = meter.read();
        StepInput input = runner.input();
        boolean decodes = input.entry == EntryPoint.DECODE && input.tokens == input.sequences;
        steps.add(new Step(
                decodes, input.sequences, input.tokens, seconds, work.flops(input), after - before, before - last));
        counted += after - last;
        last = meter.read();
        return output;
    }
}
