package dev.lockstep.backend.cpu.program;

import dev.lockstep.backend.Limits;
import dev.lockstep.backend.Precision;
import dev.lockstep.backend.cpu.kernel.KvCache;
import dev.lockstep.graph.CacheSpec;
import dev.lockstep.graph.Node;
import dev.lockstep.graph.Op;
import dev.lockstep.partition.RankGraph;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * The caches of a rank's attentions over one pool of block ids. A block belongs to one sequence and one kind of cache at
 * a time, so the n-th self-attention and the n-th cross-attention share storage where their shapes are equal.
 */
final class CacheStore implements AutoCloseable {

    /** What a block of one layer looks like. */
    private record Shape(int heads, int keyWidth, int valueWidth) {
        long blockBytes(Limits limits, Precision precision) {
            return KvCache.blockBytes(heads, limits.blockSize(), keyWidth, valueWidth, precision);
        }
    }

    private final List<KvCache> pools = new ArrayList<>();
    private final Map<Node, KvCache> byNode = new IdentityHashMap<>();

    CacheStore(RankGraph graph, Limits limits, Precision precision) {
        Map<Node, Integer> places = new IdentityHashMap<>();
        for (Shape shape : layout(graph, places)) {
            pools.add(new KvCache(
                    limits.blocks(),
                    shape.heads(),
                    limits.blockSize(),
                    shape.keyWidth(),
                    shape.valueWidth(),
                    precision));
        }
        places.forEach((node, place) -> byNode.put(node, pools.get(place)));
    }

    /** Bytes the pools of such limits take. */
    static long bytes(RankGraph graph, Limits limits, Precision precision) {
        long block = 0;
        for (Shape shape : layout(graph, new IdentityHashMap<>())) {
            block += shape.blockBytes(limits, precision);
        }
        return block * limits.blocks();
    }

    private static List<Shape> layout(RankGraph graph, Map<Node, Integer> places) {
        List<Shape> shapes = new ArrayList<>();
        for (CacheSpec.Kind kind : List.of(CacheSpec.Kind.PAGED, CacheSpec.Kind.CROSS)) {
            int next = 0;
            for (Node node : graph.model().graph().nodes()) {
                if (CacheSpec.of(node).filter(spec -> spec.kind() == kind).isEmpty()) {
                    continue;
                }
                Op.Attention attention = (Op.Attention) node.op();
                HeadLayout heads = HeadLayout.of(node, attention, graph.split(), graph.rank());
                int valueWidth = attention.valuesInKeys() ? 0 : heads.valueWidth();
                Shape shape = new Shape(heads.keyValueHeads(), heads.queryWidth(), valueWidth);
                while (next < shapes.size() && !shapes.get(next).equals(shape)) {
                    next++;
                }
                if (next == shapes.size()) {
                    shapes.add(shape);
                }
                places.put(node, next++);
            }
        }
        return shapes;
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
