package dev.lockstep.generate;

import dev.lockstep.backend.Pooling;

/**
 * How embeddings are computed from hidden states.
 *
 * @param pooling how a sequence's rows become one, not {@link Pooling#NONE}
 * @param normalize whether vectors are divided by their Euclidean norm
 * @param maxTokens texts with more tokens are cut, their special tokens kept; 0 to refuse those too long for the model
 */
public record EmbeddingOptions(Pooling pooling, boolean normalize, int maxTokens) {

    public EmbeddingOptions {
        if (pooling == Pooling.NONE) {
            throw new IllegalArgumentException("embeddings need a pooling: mean, cls or last");
        }
        if (maxTokens < 0) {
            throw new IllegalArgumentException(
                    "max_tokens is " + maxTokens + ", expected 0 (texts are never cut) or more");
        }
    }
}
