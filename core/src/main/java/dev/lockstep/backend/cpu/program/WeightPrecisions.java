package dev.lockstep.backend.cpu.program;

import dev.lockstep.backend.Precision;
import dev.lockstep.backend.cpu.gemm.Rounding;
import dev.lockstep.graph.Graph;
import dev.lockstep.graph.Node;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.Weight;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * How each weight is held. Vectors and biases are fp32, and so are the small matrices of routers: a choice of experts that
 * falls the other way changes a row for good. All else is as asked; fp16, which is only planned for, is all there is. What
 * {@link DecisiveMaps} multiply keeps 16 bits.
 */
final class WeightPrecisions {
    private final Precision asked;
    private final Set<Weight> exact = new HashSet<>();
    private final Set<Weight> decisive;

    WeightPrecisions(Graph graph, Precision asked) {
        this.asked = asked;
        this.decisive = DecisiveMaps.matrices(graph);
        for (Node node : graph.nodes()) {
            if (node.op() instanceof Op.Route && node.input(0).producer().op() instanceof Op.Linear) {
                exact.add(node.input(0).producer().weights().get(0));
            } else if (node.op() instanceof Op.Experts) {
                List<Weight> weights = node.weights();
                exact.addAll(weights.subList(3, weights.size()));
            }
        }
    }

    Precision of(Weight weight) {
        if (asked == Precision.FP16) {
            return asked;
        }
        return weight.dims().size() < 2 || exact.contains(weight) ? Precision.FP32 : asked;
    }

    /** How a linear map's input is rounded, should its matrix be in bf16. */
    Rounding rounding(Weight matrix) {
        return decisive.contains(matrix) ? Rounding.TWO_PARTS : Rounding.ONE_PART;
    }
}
