package dev.lockstep.explain;

import dev.lockstep.backend.Precision;
import dev.lockstep.graph.CacheSpec;
import dev.lockstep.graph.Graph;
import dev.lockstep.graph.Node;
import dev.lockstep.graph.Op;
import dev.lockstep.partition.Split;
import java.util.Arrays;
import java.util.Optional;

/** Bytes a token takes in the caches of a rank. */
public final class CacheReport {
    private final Graph graph;
    private final Split split;
    private final Precision precision;

    public CacheReport(Graph graph, Split split, Precision precision) {
        this.graph = graph;
        this.split = split;
        this.precision = precision;
    }

    /** Bytes per token in the caches of a kind on a rank. */
    public long bytesPerToken(CacheSpec.Kind kind, int rank) {
        long bytes = 0;
        for (Node node : graph.nodes()) {
            Optional<CacheSpec> cache = CacheSpec.of(node);
            if (cache.isPresent() && cache.get().kind() == kind && node.op() instanceof Op.Attention attention) {
                bytes += bytesPerToken(cache.get(), attention, rank);
            }
        }
        return bytes;
    }

    private long bytesPerToken(CacheSpec cache, Op.Attention attention, int rank) {
        int keyWidth = cache.key().size() / attention.keyValueHeads();
        int heads = (int) Arrays.stream(split.local(cache.key(), rank))
                .map(feature -> feature / keyWidth)
                .distinct()
                .count();
        if (heads == 0) {
            return 0;
        }
        int valueWidth = split.local(cache.value(), rank).length / heads;
        return heads * (precision.cachedBytes(keyWidth) + precision.cachedBytes(valueWidth));
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
