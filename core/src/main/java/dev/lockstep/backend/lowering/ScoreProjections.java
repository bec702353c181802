package dev.lockstep.backend.lowering;

import dev.lockstep.graph.Graph;
import dev.lockstep.graph.Node;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.Value;
import dev.lockstep.graph.Weight;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Estimates from weights how large the outputs of the linear maps that compute queries and keys are, if that can be
 * determined. Rounding the inputs of such a map to 8 bits changes an attention score by about a thousandth of its
 * typical size, which matters only if scores are large. A map is loud if its queries or keys, computed from inputs as
 * the preceding norm produces them, would give scores beyond {@link #LARGE}² together with others of its kind.
 */
public final class ScoreProjections {

    /** Corresponds to scores of about six; their rounding then changes attention weights by a percent. */
    public static final double LARGE = 2.5;

    /**
     * How to estimate the size of a map's output.
     *
     * @param inputGain the gain of the norm before the map; null if that has none
     * @param normed whether a norm of each head follows, after which the map's own size has no effect
     * @param outputGain the gain of that norm, or null
     * @param factor the factor on the output, including its share of the scale of scores
     */
    public record Measure(Weight inputGain, boolean normed, Weight outputGain, double factor) {}

    private final Map<Weight, Measure> measures = new HashMap<>();
    private final Set<Weight> unmeasured = new HashSet<>();
    private final Set<Weight> values = new HashSet<>();

    ScoreProjections(Graph model) {
        for (Node node : model.nodes()) {
            if (node.op() instanceof Op.Attention attention) {
                double width = (double) node.input(0).width() / attention.heads();
                double share = Math.sqrt(Math.abs(attention.scale()) * Math.sqrt(width));
                trace(node.input(0).producer(), share);
                trace(node.input(1).producer(), share);
                if (!attention.valuesInKeys()) {
                    traceValues(node.input(2).producer());
                }
            }
        }
        measures.keySet().removeAll(unmeasured);
        values.removeAll(unmeasured);
        values.removeAll(measures.keySet());
    }

    /**
     * How to estimate the size of a map's output; null if that is not possible or if the map computes neither queries
     * nor keys.
     */
    Measure measure(Weight matrix) {
        return measures.get(matrix);
    }

    /** Whether a map computes only values, whose errors are averaged out. */
    boolean yieldsValues(Weight matrix) {
        return values.contains(matrix);
    }

    /**
     * The matrix of the linear map whose outputs these heads are, with or without a norm; null if another op computes
     * them.
     */
    static Weight map(Value heads) {
        Node node = heads.producer();
        while (passes(node) || node.op() instanceof Op.Norm) {
            node = node.input(0).producer();
        }
        return node.op() instanceof Op.Linear ? node.weights().get(0) : null;
    }

    private void trace(Node from, double share) {
        double factor = share;
        Node norm = null;
        Node node = from;
        while (passes(node) || node.op() instanceof Op.Norm && norm == null) {
            factor *= node.op() instanceof Op.Scale scale ? Math.abs(scale.factor()) : 1;
            norm = node.op() instanceof Op.Norm ? node : norm;
            node = node.input(0).producer();
        }
        if (!(node.op() instanceof Op.Linear)) {
            return;
        }
        Weight matrix = node.weights().get(0);
        Node before = node.input(0).producer();
        if (norm == null && !(before.op() instanceof Op.Norm)) {
            unmeasured.add(matrix);
            return;
        }
        Weight inputGain = before.op() instanceof Op.Norm ? gain(before) : null;
        Measure measure = new Measure(inputGain, norm != null, norm == null ? null : gain(norm), factor);
        Measure other = measures.put(matrix, measure);
        if (other != null && !other.equals(measure)) {
            unmeasured.add(matrix);
        }
    }

    private void traceValues(Node from) {
        Node node = from;
        while (passes(node)) {
            node = node.input(0).producer();
        }
        if (node.op() instanceof Op.Linear) {
            values.add(node.weights().get(0));
        }
    }

    /** Whether an op keeps the size of heads or multiplies it by a known number. */
    private static boolean passes(Node node) {
        return node.op() instanceof Op.Rotary
                || node.op() instanceof Op.Select
                || node.op() instanceof Op.PickRows
                || node.op() instanceof Op.Scale;
    }

    private static Weight gain(Node norm) {
        return ((Op.Norm) norm.op()).weight() ? norm.weights().get(0) : null;
    }
}
