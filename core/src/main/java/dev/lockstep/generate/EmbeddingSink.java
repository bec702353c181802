package dev.lockstep.generate;

/** Takes embeddings as rows finish, in any order, on the leader's thread. */
@FunctionalInterface
public interface EmbeddingSink {
    void accept(Embedding embedding);
}
