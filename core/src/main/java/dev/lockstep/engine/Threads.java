package dev.lockstep.engine;

import dev.lockstep.runtime.HostMemory;

/** A rank's share of the machine when the options leave it open. */
final class Threads {
    /** Of the memory that is free when a group opens, what its ranks together may take. */
    private static final double MEMORY_FRACTION = 0.8;

    private Threads() {}

    /** Worker threads of one rank of a group on this host. */
    static int perRank(int asked, int ranks) {
        return asked > 0 ? asked : Math.max(1, Runtime.getRuntime().availableProcessors() / ranks);
    }

    /** Bytes one rank of a group in this process may hold outside the heap. */
    static long memoryShare(int ranks) {
        return (long) (HostMemory.now().available() * MEMORY_FRACTION) / ranks;
    }
}
