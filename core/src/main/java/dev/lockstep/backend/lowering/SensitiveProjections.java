package dev.lockstep.backend.lowering;

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
 * The linear maps whose errors are not averaged out by a sum. The inputs of these maps keep 16 bits.
 *
 * <ul>
 *   <li>Those that compute queries, keys and values. Attention scores are exponents, so an error in the last of bf16's
 *       8 bits changes the weights of sharp attention by several percent.
 *   <li>Those that write to what a router reads. Its choice may depend on a smaller difference.
 *   <li>A low-rank map before one of these, with only norms and moves in between.
 * </ul>
 */
final class SensitiveProjections {
    private SensitiveProjections() {}

    /** Matrices of the last linear maps before attentions; norms, rotations, sums or selects may lie in between. */
    static Set<Weight> beforeAttention(Graph model) {
        return matrices(model, false);
    }

    /** Matrices of the last linear maps before the maps of routers. */
    static Set<Weight> beforeRouters(Graph model) {
        return matrices(model, true);
    }

    private static Set<Weight> matrices(Graph model, boolean routers) {
        Set<Weight> matrices = new HashSet<>();
        Set<Node> seen = new HashSet<>();
        Deque<Node> open = new ArrayDeque<>();
        for (Node node : model.nodes()) {
            if (!routers && node.op() instanceof Op.Attention) {
                follow(node, seen, open);
            } else if (routers && node.op() instanceof Op.Route) {
                // Continues past the router's own map, which is stored in fp32.
                follow(node.input(0).producer(), seen, open);
            }
        }
        while (!open.isEmpty()) {
            Node node = open.pop();
            if (node.op() instanceof Op.Linear || node.op() instanceof Op.HeadLinear) {
                matrices.add(node.weights().get(0));
                followFactors(node, seen, open);
            } else if (!(node.op() instanceof Op.Attention || node.op() instanceof Op.Route)) {
                follow(node, seen, open);
            }
        }
        return matrices;
    }

    /**
     * If this map takes another map's output through norms and moves only, the two are factors of one low-rank map, as
     * for low-rank queries.
     */
    private static void followFactors(Node map, Set<Node> seen, Deque<Node> open) {
        Node before = map.input(0).producer();
        while (before.inputs().size() == 1 && !isMap(before) && !(before.op() instanceof Op.Activate)) {
            before = before.input(0).producer();
        }
        if (isMap(before) && seen.add(before)) {
            open.push(before);
        }
    }

    private static boolean isMap(Node node) {
        return node.op() instanceof Op.Linear || node.op() instanceof Op.HeadLinear;
    }

    private static void follow(Node node, Set<Node> seen, Deque<Node> open) {
        for (Value input : node.inputs()) {
            if (seen.add(input.producer())) {
                open.push(input.producer());
            }
        }
    }
}
