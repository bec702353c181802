package dev.lockstep.explain;

import dev.lockstep.backend.Precision;
import dev.lockstep.graph.CacheGroups;
import dev.lockstep.graph.CacheSpec;
import dev.lockstep.graph.Graph;
import dev.lockstep.graph.Node;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.Reach;
import dev.lockstep.partition.Split;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Cache bytes of the rank with the largest caches. */
public final class CacheReport {
    private final Graph graph;
    private final Split split;
    private final Precision precision;
    private final CacheGroups groups;

    /** The cache shape of one position of one layer. */
    private record Shape(int heads, int keyWidth, int valueWidth) {
        long bytes(Precision precision) {
            return heads * (precision.cachedBytes(keyWidth) + precision.cachedBytes(valueWidth));
        }
    }

    public CacheReport(Graph graph, Split split, Precision precision) {
        this.graph = graph;
        this.split = split;
        this.precision = precision;
        this.groups = CacheGroups.of(graph);
    }

    /** Bytes per token in the caches of a kind, on the rank that needs most. */
    public long most(CacheSpec.Kind kind) {
        return most(layers(kind));
    }

    /** The layers of each reach that drops positions, over all their groups. */
    public Map<Reach, List<Node>> limited() {
        Map<Reach, List<Node>> limited = new LinkedHashMap<>();
        for (int group = 0; group < groups.reaches().size(); group++) {
            Reach reach = groups.reaches().get(group);
            if (reach.limited()) {
                limited.computeIfAbsent(reach, key -> new ArrayList<>()).addAll(groups.layers(group));
            }
        }
        return limited;
    }

    /** Bytes per token in the caches of these layers, on the rank that needs most. */
    public long most(List<Node> layers) {
        long most = 0;
        for (int rank = 0; rank < split.ranks(); rank++) {
            most = Math.max(most, bytes(layers, rank));
        }
        return most;
    }

    private long bytes(List<Node> layers, int rank) {
        long bytes = 0;
        for (Node layer : layers) {
            bytes += shape(layer, rank).bytes(precision);
        }
        return bytes;
    }

    /**
     * Bytes of a row's live tokens (those that will be read again), without unused parts of blocks, on the rank that
     * needs most.
     *
     * @param target tokens of the decoder
     * @param source tokens of the encoder
     */
    public long live(int target, int source) {
        long most = 0;
        for (int rank = 0; rank < split.ranks(); rank++) {
            long bytes = source * bytes(layers(CacheSpec.Kind.CROSS), rank);
            for (int group = 0; group < groups.reaches().size(); group++) {
                long seen = Math.min(target, groups.reaches().get(group).mostKeys());
                bytes += seen * bytes(groups.layers(group), rank);
            }
            most = Math.max(most, bytes);
        }
        return most;
    }

    private List<Node> layers(CacheSpec.Kind kind) {
        return graph.nodes().stream()
                .filter(node ->
                        CacheSpec.of(node).filter(spec -> spec.kind() == kind).isPresent())
                .toList();
    }

    private Shape shape(Node layer, int rank) {
        CacheSpec cache = CacheSpec.of(layer).orElseThrow();
        int keyWidth = cache.key().size() / ((Op.Attention) layer.op()).keyValueHeads();
        int heads = (int) Arrays.stream(split.local(cache.key(), rank))
                .map(feature -> feature / keyWidth)
                .distinct()
                .count();
        int value = split.local(cache.value(), rank).length;
        return new Shape(heads, keyWidth, heads == 0 ? 0 : value / heads);
    }
}
