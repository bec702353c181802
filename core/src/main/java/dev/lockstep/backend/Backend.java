package dev.lockstep.backend;

import dev.lockstep.checkpoint.WeightReader;
import dev.lockstep.collective.Mesh;
import dev.lockstep.partition.RankGraph;

/** Turns a rank's graph into a program for one kind of device. Fuses, plans memory and orders inside {@link #compile}. */
public interface Backend {

    /**
     * What a program would hold, without reading a weight: exact for the arena and the cache; of the weights without
     * the padding of packed ones, and of work buffers the large ones.
     */
    MemoryLedger estimate(RankGraph graph, Limits limits, Precision precision);

    /**
     * Compiles a rank's share: reads its slices, packs them, plans the arena, allocates the caches.
     *
     * @param weights read during the call only
     * @param mesh this rank's end of the group; stays the caller's to close
     * @param account what all memory of the program is entered in, until the program is closed
     * @throws OutOfMemoryException when the account's limit is reached
     */
    Program compile(
            RankGraph graph,
            WeightReader weights,
            Limits limits,
            Precision precision,
            Mesh mesh,
            MemoryAccount account);

    /** Compiles without a limit of memory. */
    default Program compile(RankGraph graph, WeightReader weights, Limits limits, Precision precision, Mesh mesh) {
        return compile(graph, weights, limits, precision, mesh, MemoryAccount.unlimited());
    }
}
