package dev.lockstep.backend;

import java.util.List;

/** A rank's share of a model, compiled: weights packed, memory planned, collectives in place. Used by one thread at a time. */
public interface Program extends AutoCloseable {

    /**
     * Runs one step; all ranks of the group run the same step. The output is owned by the program and valid until the
     * next step.
     *
     * @throws IllegalArgumentException when the input exceeds the limits the program was compiled for
     * @throws OutOfMemoryException when this rank has no memory for it. The rank has met the others wherever the step
     *     does, so they are at its end too, with outputs that mean nothing
     */
    StepOutput run(StepInput input);

    /**
     * Runs a step for the memory that it takes alone. Its outputs mean nothing, and work that takes the very memory of
     * work done before (a layer like the last) is left out; ranks still meet as in a step that is run. All ranks probe
     * the same step.
     */
    void probe(StepInput input);

    /**
     * Gives the caches so many blocks instead of those they have; what these held is lost.
     *
     * @throws OutOfMemoryException when the account's limit is reached; the program can then only be closed
     */
    void resizeCaches(int blocks);

    /** Bytes held, by purpose. */
    MemoryLedger memory();

    /** How often ranks met, place by place, since the program was compiled. */
    List<CollectiveCount> collectives();

    @Override
    void close();
}
