package dev.lockstep.spark.exec;

/** An engine as the cache sees it. The fields are the cache's own and guarded by its lock. */
abstract class CachedEngine {
    private final EngineKey key;
    /** Tasks that hold it now. */
    int users;
    /** Tasks of the current lease that have arrived so far, whether they still run or not. */
    int arrived;
    /** Who holds it exclusively, or null. */
    String lease;

    long idleSince;

    CachedEngine(EngineKey key) {
        this.key = key;
    }

    EngineKey key() {
        return key;
    }

    /** Tasks that one lease consists of; 1 for an engine that any number of tasks share. */
    abstract int tasksOfLease();

    /** False once it failed: it will never serve again. */
    abstract boolean usable();

    /** The last task has let go of it. */
    abstract void onIdle();

    /**
     * Waits for work that the last task left behind, such as a leader that is about to end.
     *
     * @return whether the engine is idle, so that {@link #close} does not wait
     */
    abstract boolean awaitQuiescent(long millis);

    /** Frees weights and threads. Called once, when no task holds it. */
    abstract void close();
}
