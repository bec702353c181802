package dev.lockstep.backend.cpu.program;

import dev.lockstep.backend.Limits;
import dev.lockstep.backend.cpu.kernel.LastRows;
import dev.lockstep.graph.CacheSpec;
import dev.lockstep.graph.Node;
import dev.lockstep.partition.RankGraph;
import java.util.IdentityHashMap;
import java.util.Map;

/** The rows that a rank's nodes keep of each sequence, by the blocks of the cache. */
final class LastRowStore implements AutoCloseable {
    private final Map<Node, LastRows> byNode = new IdentityHashMap<>();

    LastRowStore(RankGraph graph, Limits limits) {
        for (Node node : graph.model().graph().nodes()) {
            if (keepsRows(node)) {
                byNode.put(node, new LastRows(limits.blocks(), limits.blockSize(), width(graph, node)));
            }
        }
    }

    private static boolean keepsRows(Node node) {
        return CacheSpec.of(node)
                .filter(spec -> spec.kind() == CacheSpec.Kind.LAST_ROW)
                .isPresent();
    }

    private static int width(RankGraph graph, Node node) {
        return graph.split().local(node.input(0).dim(), graph.rank()).length;
    }

    /** Bytes of such limits. */
    static long bytes(RankGraph graph, Limits limits) {
        long sum = 0;
        for (Node node : graph.model().graph().nodes()) {
            sum += keepsRows(node) ? LastRows.bytes(limits.blocks(), width(graph, node)) : 0;
        }
        return sum;
    }

    /** As {@link CacheStore#resize}. */
    void resize(int blocks) {
        for (LastRows rows : byNode.values()) {
            rows.resize(blocks);
        }
    }

    LastRows of(Node node) {
        return byNode.get(node);
    }

    void copyBlock(int from, int to) {
        for (LastRows rows : byNode.values()) {
            rows.copyBlock(from, to);
        }
    }

    long bytes() {
        long sum = 0;
        for (LastRows rows : byNode.values()) {
            sum += rows.bytes();
        }
        return sum;
    }

    @Override
    public void close() {
        byNode.values().forEach(LastRows::close);
    }
}
