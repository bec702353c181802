package dev.lockstep.backend.lowering;

import dev.lockstep.graph.Node;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.Weight;
import dev.lockstep.partition.RankGraph;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Finds linear maps with the same input whose weights have neighbouring names, such as those of queries, keys and
 * values. They become one product, which rounds the input once and is wide enough to run at full speed.
 */
final class SharedInputs {

    /** The properties that maps must share to become one. */
    private record Key(Node input, String scope, boolean split) {}

    private final RankGraph graph;
    private final Set<Weight> usedOnce = new HashSet<>();
    private final Map<Node, List<Node>> groups = new HashMap<>();

    /** @param eligible maps whose outputs are complete and used unchanged */
    SharedInputs(RankGraph graph, Predicate<Node> eligible) {
        this.graph = graph;
        findUsedOnce();
        Map<Key, List<Node>> found = new HashMap<>();
        for (Node node : graph.model().graph().nodes()) {
            if (node.op() instanceof Op.Linear && eligible.test(node) && isOneRun(node)) {
                Weight matrix = node.weights().get(0);
                Key key = new Key(
                        node.input(0).producer(),
                        scope(matrix),
                        graph.split().splits(matrix.dims().get(0)));
                found.computeIfAbsent(key, any -> new ArrayList<>()).add(node);
            }
        }
        for (List<Node> group : found.values()) {
            if (group.size() > 1) {
                group.forEach(node -> groups.put(node, List.copyOf(group)));
            }
        }
    }

    /** The maps computed together with this one, including itself, in the order of their outputs. */
    List<Node> of(Node linear) {
        return groups.getOrDefault(linear, List.of(linear));
    }

    private void findUsedOnce() {
        Set<Weight> seen = new HashSet<>();
        for (Node node : graph.model().graph().nodes()) {
            for (Weight weight : node.weights()) {
                if (seen.add(weight)) {
                    usedOnce.add(weight);
                } else {
                    usedOnce.remove(weight);
                }
            }
        }
    }

    private boolean isOneRun(Node node) {
        Weight matrix = node.weights().get(0);
        return usedOnce.contains(matrix)
                && graph.split().runs(matrix.dims().get(0), graph.rank()).size() == 1;
    }

    /** The name of a weight without its last two parts, which is the block that it belongs to. */
    private static String scope(Weight weight) {
        String name = weight.name();
        int end = name.lastIndexOf('.');
        int start = end < 0 ? -1 : name.lastIndexOf('.', end - 1);
        return start < 0 ? name : name.substring(0, start);
    }
}
