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
 * How each weight is stored. Vectors and biases are fp32, and so are the small matrices of routers, since a different
 * choice of experts changes a row for good. All other weights have the requested precision. With fp16, which can only
 * be planned for, all weights are fp16. The inputs of {@link SensitiveProjections} keep 16 bits. In int8, the maps
 * before routers are therefore stored in bf16: they are small compared with the experts, which stay in 8 bits.
 */
public final class WeightPrecisions {
    private final Precision asked;
    private final Set<Weight> exact = new HashSet<>();
    private final Set<Weight> attended;
    private final Set<Weight> routed;
    private final ScoreProjections scores;

    /** The precision that a linear map's input needs if its matrix is in bf16. */
    public enum Need {
        ONE_PART,
        TWO_PARTS,
        /** Two parts if the map's outputs are large: {@link ScoreProjections}. */
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

    /** The precision that the input of this matrix's linear map needs. */
    public Need need(Weight matrix) {
        if (decidesExperts(matrix)) {
            return Need.TWO_PARTS;
        }
        if (!attended.contains(matrix) || scores.yieldsValues(matrix)) {
            return Need.ONE_PART;
        }
        return scores.measure(matrix) == null ? Need.TWO_PARTS : Need.AS_MEASURED;
    }

    /** Before routers no sum averages out errors: a different choice of experts changes a row for good. */
    private boolean decidesExperts(Weight matrix) {
        return routed.contains(matrix) || !routed.isEmpty() && attended.contains(matrix);
    }

    /** How the size of a map's outputs is estimated, if its need depends on that. */
    public ScoreProjections.Measure measure(Weight matrix) {
        return scores.measure(matrix);
    }
}
