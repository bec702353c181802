package dev.lockstep.engine;

import dev.lockstep.backend.MemoryLedger;
import dev.lockstep.runtime.ProcessMemory;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs the memory of the process while a rank is opened, by stage: weights as they are packed, the largest steps, the
 * cache. The operating system counts the whole process, including its heap, its code and other ranks, so peaks belong
 * to this rank alone only where it is the only one.
 */
final class LoadingLog {
    private static final Logger LOG = LoggerFactory.getLogger(LoadingLog.class);
    private static final double MEGABYTE = 1e6;

    private final int rank;
    private Optional<ProcessMemory> packed = Optional.empty();

    LoadingLog(int rank) {
        this.rank = rank;
    }

    /** All weights are packed, and no step has run. */
    void weightsPacked(long weights) {
        packed = ProcessMemory.now();
        packed.ifPresent(memory -> LOG.info(
                "rank {}: {} MB of weights are packed. While they were read the process had {} MB in memory at most, {}"
                        + " MB more than they take, and now has {} MB",
                rank,
                megabytes(weights),
                megabytes(memory.peak()),
                megabytes(memory.peak() - weights),
                megabytes(memory.resident())));
    }

    /**
     * The largest steps have run.
     *
     * @param beside bytes that libraries took for them
     */
    void stepsProbed(MemoryLedger held, long beside) {
        packed.flatMap(before -> ProcessMemory.now().map(now -> now.resident() - before.resident()))
                .ifPresent(grown -> LOG.info(
                        "rank {}: the largest steps brought {} MB more into memory; they take {} MB of activations, {} MB"
                                + " of work buffers and {} MB of compiled products",
                        rank,
                        megabytes(grown),
                        megabytes(held.arena()),
                        megabytes(held.work()),
                        megabytes(beside)));
    }

    /** The cache has its blocks. */
    void cacheFitted(int blocks, long bytes) {
        LOG.info(
                "rank {}: the cache has {} blocks of {} MB together, which come into memory when they are first used",
                rank,
                blocks,
                megabytes(bytes));
    }

    private static long megabytes(long bytes) {
        return Math.round(bytes / MEGABYTE);
    }
}
