package dev.lockstep.backend;

/**
 * The largest step a program must be able to run, and the size of its cache pool.
 *
 * @param maxTokens tokens of one step, over all its sequences
 * @param maxSequences sequences of one step
 * @param maxOutputRows rows of one step whose outputs (logits) are asked for
 * @param blocks blocks of the cache pool; 0 for models without caches
 * @param blockSize positions a block holds
 */
public record Limits(int maxTokens, int maxSequences, int maxOutputRows, int blocks, int blockSize) {

    public Limits {
        if (maxTokens < 1 || maxSequences < 1 || maxOutputRows < 1 || blocks < 0 || blockSize < 1) {
            throw new IllegalArgumentException(
                    "limits must be positive, found maxTokens=" + maxTokens + " maxSequences=" + maxSequences
                            + " maxOutputRows=" + maxOutputRows + " blocks=" + blocks + " blockSize=" + blockSize);
        }
    }
}
