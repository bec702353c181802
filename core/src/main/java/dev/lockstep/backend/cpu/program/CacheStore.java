package dev.lockstep.backend.cpu.program;

import dev.lockstep.backend.CacheType;
import dev.lockstep.backend.Limits;
import dev.lockstep.backend.cpu.kernel.KvCache;
import dev.lockstep.graph.CacheGroups;
import dev.lockstep.graph.CacheSpec;
import dev.lockstep.graph.Graph;
import dev.lockstep.graph.Node;
import dev.lockstep.graph.Op;
import dev.lockstep.partition.RankGraph;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The caches of a rank's attentions over one pool of block ids. A block belongs to one sequence and one group of caches
 * at a time, so the n-th self-attentions of all groups and the n-th cross-attention share storage where their shapes are
 * equal.
 */
final class CacheStore implements AutoCloseable {

    /** What a block of one layer looks like. */
    private record Shape(int heads, int keyWidth, int valueWidth) {
        long blockBytes(Limits limits, CacheType type) {
            return KvCache.blockBytes(heads, limits.blockSize(), keyWidth, valueWidth, type);
        }
    }

    private final List<KvCache> pools = new ArrayList<>();
    private final Map<Node, KvCache> byNode = new IdentityHashMap<>();

    CacheStore(RankGraph graph, Limits limits, CacheType type) {
        Map<Node, Integer> places = new IdentityHashMap<>();
        for (Shape shape : layout(graph, places)) {
            pools.add(new KvCache(
                    limits.blocks(), shape.heads(), limits.blockSize(), shape.keyWidth(), shape.valueWidth(), type));
        }
        places.forEach((node, place) -> byNode.put(node, pools.get(place)));
    }

    /** Bytes the pools of such limits take. */
    static long bytes(RankGraph graph, Limits limits, CacheType type) {
        long block = 0;
        for (Shape shape : layout(graph, new IdentityHashMap<>())) {
            block += shape.blockBytes(limits, type);
        }
        return block * limits.blocks();
    }

    private static List<Shape> layout(RankGraph graph, Map<Node, Integer> places) {
        Graph model = graph.model().graph();
        CacheGroups groups = CacheGroups.of(model);
        List<Shape> shapes = new ArrayList<>();
        for (int group = 0; group < groups.reaches().size(); group++) {
            place(groups.layers(group), graph, shapes, places);
        }
        place(model.nodes().stream().filter(CacheStore::isCross).toList(), graph, shapes, places);
        return shapes;
    }

    private static boolean isCross(Node node) {
        return CacheSpec.of(node)
                .filter(spec -> spec.kind() == CacheSpec.Kind.CROSS)
                .isPresent();
    }

    /** Gives each layer of a group a storage of its shape, of those that other groups have where it can. */
    private static void place(List<Node> layers, RankGraph graph, List<Shape> shapes, Map<Node, Integer> places) {
        Set<Integer> taken = new HashSet<>();
        for (Node node : layers) {
            Op.Attention attention = (Op.Attention) node.op();
            HeadLayout heads = HeadLayout.of(node, attention, graph.split(), graph.rank());
            int valueWidth = attention.valuesInKeys() ? 0 : heads.valueWidth();
            Shape shape = new Shape(heads.keyValueHeads(), heads.queryWidth(), valueWidth);
            int place = 0;
            while (place < shapes.size()
                    && (taken.contains(place) || !shapes.get(place).equals(shape))) {
                place++;
            }
            if (place == shapes.size()) {
                shapes.add(shape);
            }
            taken.add(place);
            places.put(node, place);
        }
    }

    /** Gives all pools so many blocks instead of those they have, whose content is lost. */
    void resize(int blocks) {
        // First all are given back: pools of both sizes together might be more than there is memory for.
        pools.forEach(KvCache::close);
        for (KvCache pool : pools) {
            pool.resize(blocks);
        }
    }

    KvCache of(Node attention) {
        return byNode.get(attention);
    }

    void copyBlock(int from, int to) {
        for (KvCache pool : pools) {
            pool.copyBlock(from, to);
        }
    }

    long bytes() {
        long sum = 0;
        for (KvCache pool : pools) {
            sum += pool.bytes();
        }
        return sum;
    }

    @Override
    public void close() {
        pools.forEach(KvCache::close);
    }
}
