package dev.lockstep.backend;

/**
 * Bytes a program holds outside the Java heap.
 *
 * @param weights packed weights and tables
 * @param arena activations of the largest step, and scratch
 * @param cache the block pool
 */
public record MemoryLedger(long weights, long arena, long cache) {

    public long total() {
        return weights + arena + cache;
    }
}
