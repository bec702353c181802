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
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Bytes that the caches of the rank with the largest ones take. */
public final class CacheReport {
    private final Graph graph;
    private final Split split;
    private final Precision precision;
    private final CacheGroups groups;

    /** What one position of one layer takes. */
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

    /** The layers of each reach that forgets, over all their groups. */
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
            long bytes = 0;
            for (Node layer : layers) {
                bytes += shape(layer, rank).bytes(precision);
            }
            most = Math.max(most, bytes);
        }
        return most;
    }

    /** Blocks that a sequence of this many tokens holds in all groups. */
    public long blocks(long tokens, int blockSize) {
        long blocks = 0;
        for (Reach reach : groups.reaches()) {
            blocks += reach.heldBlocks(Math.toIntExact(tokens), 1, blockSize);
        }
        return blocks;
    }

    /** Bytes per position of one block, whose storage all groups share, on the rank that needs most. */
    public long mostOfBlock() {
        long most = 0;
        for (int rank = 0; rank < split.ranks(); rank++) {
            Map<Shape, Long> storage = new HashMap<>();
            for (int group = 0; group < groups.reaches().size(); group++) {
                share(storage, groups.layers(group), rank);
            }
            share(storage, layers(CacheSpec.Kind.CROSS), rank);
            long bytes = 0;
            for (Map.Entry<Shape, Long> shape : storage.entrySet()) {
                bytes += shape.getKey().bytes(precision) * shape.getValue();
            }
            most = Math.max(most, bytes);
        }
        return most;
    }

    /** Of each shape there is as much storage as the group with most layers of it needs. */
    private void share(Map<Shape, Long> storage, List<Node> layers, int rank) {
        Map<Shape, Long> own = new HashMap<>();
        for (Node layer : layers) {
            own.merge(shape(layer, rank), 1L, Long::sum);
        }
        own.forEach((shape, count) -> storage.merge(shape, count, Math::max));
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
