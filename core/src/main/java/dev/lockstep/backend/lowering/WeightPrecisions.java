package dev.lockstep.backend.lowering;

import dev.lockstep.backend.Precision;
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
 * {@link SensitiveProjections} multiply keeps 16 bits. In int8, the maps before routers are held in bf16 for that reason: small
 * ones beside experts, which stay in 8 bits.
 */
public final class WeightPrecisions {
    private final Precision asked;
    private final Set<Weight> exact = new HashSet<>();
    private final Set<Weight> attended;
    private final Set<Weight> routed;
    private final ScoreProjections scores;

    /** What a linear map's input needs, should its matrix be in bf16. */
    public enum Need {
        ONE_PART,
        TWO_PARTS,
        /** Two parts if what the map yields is large: {@link ScoreProjections}. */
        AS_MEASURED
    }

    public WeightPrecisions(Graph graph, Precision asked) {
        this.asked = asked;
        this.attended = SensitiveProjections.beforeAttention(graph);
        this.routed = SensitiveProjections.beforeRouters(graph);
        this.scores = new ScoreProjections(graph);
        for (Node node : graph.nodes()) {
            if (node.op() instanceof Op.Route && node.input(0).producer().op() instanceof Op.Linear) {
                exact.add(node.input(0).producer().weights().get(0));
            } else if (node.op() instanceof Op.Experts) {
                List<Weight> weights = node.weights();
                exact.addAll(weights.subList(3, weights.size()));
            }
        }
    }

    public Precision of(Weight weight) {
        if (asked == Precision.FP16) {
            return asked;
        }
        if (weight.dims().size() < 2 || exact.contains(weight)) {
            return Precision.FP32;
        }
        return asked == Precision.INT8 && decidesExperts(weight) ? Precision.BF16 : asked;
    }

    /** What the input of the linear map of this matrix needs. */
    public Need need(Weight matrix) {
        if (decidesExperts(matrix)) {
            return Need.TWO_PARTS;
        }
        if (!attended.contains(matrix) || scores.yieldsValues(matrix)) {
            return Need.ONE_PART;
        }
        return scores.measure(matrix) == null ? Need.TWO_PARTS : Need.AS_MEASURED;
    }

    /** Before routers nothing is averaged: a choice of experts that falls the other way changes a row for good. */
    private boolean decidesExperts(Weight matrix) {
        return routed.contains(matrix) || !routed.isEmpty() && attended.contains(matrix);
    }

    /** How the size of a map's outputs is told, where that is what it needs. */
    public ScoreProjections.Measure measure(Weight matrix) {
        return scores.measure(matrix);
    }
}
