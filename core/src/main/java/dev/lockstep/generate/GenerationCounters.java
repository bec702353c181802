package dev.lockstep.generate;

/**
 * Counts what a generator does, without allocating in a step. One thread counts; any thread may read. Each value read
 * is correct, but they need not be of the same moment.
 */
final class GenerationCounters {
    private volatile long steps;
    private volatile long promptTokens;
    private volatile long generatedTokens;
    private volatile long sharedTokens;
    private volatile long preemptions;

    /** The counts before the current run. */
    private GenerationStats before = GenerationStats.NONE;

    /** Begins a run, whose steps are counted from 0. */
    void begin() {
        before = stats();
    }

    /** Notes how far the run has come. */
    void ran(long runSteps, long runSharedTokens, long runPreemptions) {
        steps = before.steps() + runSteps;
        sharedTokens = before.sharedTokens() + runSharedTokens;
        preemptions = before.preemptions() + runPreemptions;
    }

    /** Adds a row that finished. */
    void finished(long prompt, long generated) {
        // The one thread that writes: no update is lost.
        promptTokens += prompt;
        generatedTokens += generated;
    }

    GenerationStats stats() {
        return new GenerationStats(steps, promptTokens, generatedTokens, sharedTokens, preemptions);
    }
}
