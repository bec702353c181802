package dev.lockstep.partition;

import dev.lockstep.graph.Dim;
import dev.lockstep.graph.Graph;
import dev.lockstep.graph.Node;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.Weight;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * How much of each weight a rank holds, from its index lists. There are two exceptions: biases of linear maps whose partial
 * values are summed over ranks are added once, so only rank 0 has them; and a rank without a feature of any value that an
 * attention weighs has none of the attention's bias tables and sinks.
 */
public final class Holdings {
    /** The number of the bias of experts' outputs among a mixture's weights. */
    private static final int OUTER_BIAS = 5;

    private final Split split;
    private final Set<Weight> addedOnce = new HashSet<>();
    /** Terms of scores, with what the attentions yield that use them. */
    private final Map<Weight, List<Dim>> scored = new HashMap<>();

    public Holdings(Graph graph, Split split) {
        this.split = split;
        Set<Weight> neededByAll = new HashSet<>();
        for (Node node : graph.nodes()) {
            int once = biasAddedOnce(node);
            for (int i = 0; i < node.weights().size(); i++) {
                Weight weight = node.weights().get(i);
                (i == once ? addedOnce : neededByAll).add(weight);
                if (node.op() instanceof Op.Attention) {
                    scored.computeIfAbsent(weight, any -> new ArrayList<>())
                            .add(node.output().dim());
                }
            }
        }
        addedOnce.removeAll(neededByAll);
    }

    /** The number of the weight that is a bias of shares that ranks sum, or -1. */
    private int biasAddedOnce(Node node) {
        if (node.op() instanceof Op.Linear && split.splits(node.input(0).dim())) {
            return 1;
        }
        boolean innerSplit = node.op() instanceof Op.Experts
                && split.splits(node.weights().get(0).dims().get(1));
        return innerSplit ? OUTER_BIAS : -1;
    }

    /** Elements of a weight on a rank. */
    public long elements(Weight weight, int rank) {
        boolean idle = scored.containsKey(weight)
                && scored.get(weight).stream().allMatch(yielded -> split.local(yielded, rank).length == 0);
        return idle || rank > 0 && addedOnce.contains(weight) ? 0 : split.elements(weight, rank);
    }
}
