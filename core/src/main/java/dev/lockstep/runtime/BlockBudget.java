package dev.lockstep.runtime;

import java.util.Locale;

/**
 * How many cache blocks fit: budget − weights − activations − work buffers − reserve, divided by a block's bytes. A
 * ledger of where the memory goes.
 *
 * @param budget bytes this rank may hold outside the heap
 * @param weights bytes of packed weights
 * @param activations bytes of the arena at the largest step
 * @param work bytes that kernels hold beside it
 * @param reserve bytes left alone for natives and the JVM
 * @param blockBytes bytes of one block over all layers; 0 for models without caches
 * @param wanted blocks that could ever be used
 */
public record BlockBudget(
        long budget, long weights, long activations, long work, long reserve, long blockBytes, long wanted) {

    /** Bytes left for the cache; may be negative. */
    public long free() {
        return budget - weights - activations - work - reserve;
    }

    /** Blocks that fit and are wanted. */
    public int blocks() {
        long useful = Math.min(wanted, Integer.MAX_VALUE - 1);
        // A rank without heads stores nothing in its blocks: it takes part in as many as the others have.
        return (int) (blockBytes == 0 ? useful : Math.min(useful, Math.max(0, free() / blockBytes)));
    }

    /** Bytes with which a rank gets all blocks that could ever be used; more are never of use to the plan. */
    public long useful() {
        return weights + activations + work + reserve + wanted * blockBytes;
    }

    /** Whether the model fits with so many blocks. */
    public boolean fits(long least) {
        return free() >= 0 && (blocks() >= least || blockBytes == 0);
    }

    /**
     * Checks that something useful fits.
     *
     * @param least blocks without which not even one sequence of ordinary length can run
     * @throws IllegalStateException with the ledger and the settings to change
     */
    public void require(int least, int rank) {
        if (!fits(least)) {
            throw new IllegalStateException(refusal(least, rank));
        }
    }

    /** Why the model does not fit, with the ledger and the settings to change. */
    public String refusal(int least, int rank) {
        return "rank " + rank + " cannot hold the model: " + ledger() + "; " + least
                + " blocks are needed at least: raise spark.lockstep.memoryBudget (--memory-budget; on"
                + " executors spark.executor.memoryOverhead), lower spark.lockstep.maxBatchTokens, use dtype"
                + " bf16, or raise tp";
    }

    /** One line: every term of the arithmetic. */
    public String ledger() {
        return "budget " + size(budget) + " - weights " + size(weights) + " - activations " + size(activations)
                + " - work buffers " + size(work) + " - reserve " + size(reserve) + " = " + size(free())
                + " for the cache, "
                + (blockBytes == 0 ? "which this model has none of" : blocks() + " blocks of " + blockBytes + " bytes");
    }

    /** Bytes in the unit that reads best. */
    static String size(long bytes) {
        double gib = bytes / (double) (1 << 30);
        return Math.abs(gib) >= 1
                ? String.format(Locale.ROOT, "%.3f GiB", gib)
                : String.format(Locale.ROOT, "%.1f MiB", 1024 * gib);
    }
}
