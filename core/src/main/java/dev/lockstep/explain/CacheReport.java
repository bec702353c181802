package dev.lockstep.explain;

import dev.lockstep.graph.CacheSpec;
import dev.lockstep.graph.Graph;
import dev.lockstep.graph.Node;
import dev.lockstep.partition.Split;
import java.util.Optional;

/** Bytes a token takes in the caches of a rank. */
public final class CacheReport {
    private final Graph graph;
    private final Split split;
    private final int elementBytes;

    public CacheReport(Graph graph, Split split, int elementBytes) {
        this.graph = graph;
        this.split = split;
        this.elementBytes = elementBytes;
    }

    /** Bytes per token in the caches of a kind on a rank. */
    public long bytesPerToken(CacheSpec.Kind kind, int rank) {
        long elements = 0;
        for (Node node : graph.nodes()) {
            Optional<CacheSpec> cache = CacheSpec.of(node);
            if (cache.isPresent() && cache.get().kind() == kind) {
                elements += split.local(cache.get().key(), rank).length;
                elements += split.local(cache.get().value(), rank).length;
            }
        }
        return elements * elementBytes;
    }

    /** The rank that needs most. */
    public long most(CacheSpec.Kind kind) {
        long most = 0;
        for (int rank = 0; rank < split.ranks(); rank++) {
            most = Math.max(most, bytesPerToken(kind, rank));
        }
        return most;
    }
}
