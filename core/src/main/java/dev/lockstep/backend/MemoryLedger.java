package dev.lockstep.backend;

/**
 * Bytes that a program holds outside the Java heap.
 *
 * @param weights packed weights and tables
 * @param arena activations of the largest step
 * @param work work buffers of kernels, outside the arena
 * @param cache the block pool
 */
public record MemoryLedger(long weights, long arena, long work, long cache) {

    public long total() {
        return weights + arena + work + cache;
    }
}
