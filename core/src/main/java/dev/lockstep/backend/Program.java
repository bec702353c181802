package dev.lockstep.backend;

import java.util.List;

/**
 * A rank's compiled share of a model: weights packed, memory planned, collectives in place. Used by one thread at a
 * time.
 */
public interface Program extends AutoCloseable {

    /**
     * Runs one step. All ranks of the group must run the same step. The program owns the output; it is valid until the
     * next step.
     *
     * @throws IllegalArgumentException when the input exceeds the limits the program was compiled for
     * @throws OutOfMemoryException when this rank lacks memory for the step. The rank has still taken part in every
     *     collective of the step, so the other ranks have finished it too, with meaningless outputs
     */
    StepOutput run(StepInput input);

    /**
     * Runs a step only to find the memory it takes. Its outputs are meaningless. Work that would use the same memory as
     * earlier work, such as a layer like the previous one, is skipped. Collectives still run as in a real step. All
     * ranks must probe the same step.
     */
    void probe(StepInput input);

    /**
     * Replaces the caches by ones of this many blocks; their contents are lost.
     *
     * @throws OutOfMemoryException when the account's limit is reached; the program can then only be closed
     */
    void resizeCaches(int blocks);

    /** Bytes held, by purpose. */
    MemoryLedger memory();

    /** How often each collective has run since the program was compiled. */
    List<CollectiveCount> collectives();

    @Override
    void close();
}
