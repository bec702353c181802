package dev.lockstep.backend;

import dev.lockstep.checkpoint.WeightReader;
import dev.lockstep.collective.Mesh;
import dev.lockstep.partition.RankGraph;

/**
 * Compiles a rank's graph into a program for one kind of device. Fusion, memory planning and op ordering all happen
 * inside {@link #compile}.
 */
public interface Backend {

    /**
     * The memory a program would hold, computed without reading a weight. Exact for the arena and the cache. Weights
     * are counted without the padding of packed ones, and of the work buffers only the large ones are counted.
     */
    MemoryLedger estimate(RankGraph graph, Limits limits, Precision precision);

    /**
     * Compiles a rank's share: reads its weight slices, packs them, plans the arena and allocates the caches.
     *
     * @param weights read only during the call
     * @param mesh this rank's end of the group; the caller still has to close it
     * @param account records all memory of the program until the program is closed
     * @throws OutOfMemoryException when the account's limit is reached
     */
    Program compile(
            RankGraph graph,
            WeightReader weights,
            Limits limits,
            Precision precision,
            Mesh mesh,
            MemoryAccount account);

    /** Compiles without a memory limit. */
    default Program compile(RankGraph graph, WeightReader weights, Limits limits, Precision precision, Mesh mesh) {
        return compile(graph, weights, limits, precision, mesh, MemoryAccount.unlimited());
    }
}
