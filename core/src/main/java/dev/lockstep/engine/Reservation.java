package dev.lockstep.engine;

import dev.lockstep.runtime.ProcessLedger;

/** A model's reservation in shared memory. Close it when all its ranks are closed, or when they could not be opened. */
public final class Reservation implements AutoCloseable {
    private final EngineOptions options;
    /** Null where nothing is shared. */
    private final ProcessLedger.Entry entry;

    Reservation(EngineOptions options, ProcessLedger.Entry entry) {
        this.options = options;
        this.entry = entry;
    }

    /** Of a model that is not entered anywhere: its options stay as they are. */
    public static Reservation none(EngineOptions options) {
        return new Reservation(options, null);
    }

    /** What the ranks are to be opened with: the options asked for, with the memory that each rank may hold. */
    public EngineOptions options() {
        return options;
    }

    /** Gives the part back; a second call does nothing. */
    @Override
    public void close() {
        if (entry != null) {
            entry.close();
        }
    }
}
