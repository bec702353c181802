package dev.lockstep.backend.cpu.program;

import dev.lockstep.graph.Graph;
import dev.lockstep.graph.Node;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.Value;
import dev.lockstep.graph.Weight;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;

/**
 * The linear maps that yield queries, keys and values. Scores are exponents: where they are large, an error in the last of
 * bf16's 8 bits changes weights by several percent, and no sum averages it. So what these maps multiply keeps 16 bits.
 */
final class AttentionFeeds {
    private AttentionFeeds() {}

    /** Matrices of the last linear maps before attentions, whatever norms, rotations, sums or selects stand between. */
    static Set<Weight> matrices(Graph model) {
        Set<Weight> matrices = new HashSet<>();
        Set<Node> seen = new HashSet<>();
        Deque<Node> open = new ArrayDeque<>();
        for (Node node : model.nodes()) {
            if (node.op() instanceof Op.Attention) {
                follow(node, seen, open);
            }
        }
        while (!open.isEmpty()) {
            Node node = open.pop();
            if (node.op() instanceof Op.Linear || node.op() instanceof Op.HeadLinear) {
                matrices.add(node.weights().get(0));
            } else if (!(node.op() instanceof Op.Attention)) {
                follow(node, seen, open);
            }
        }
        return matrices;
    }

    private static void follow(Node node, Set<Node> seen, Deque<Node> open) {
        for (Value input : node.inputs()) {
            if (seen.add(input.producer())) {
                open.push(input.producer());
            }
        }
    }
}
