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
 * The linear maps that yield queries and keys, as far as their size can be told from weights: rounding what they multiply
 * to 8 bits changes a score by about a thousandth of what scores are like, which matters only where these are large. A map
 * is loud when its queries or keys, of inputs as the norm before it yields them, would give scores beyond {@link #LARGE}²
 * with others of its kind.
 */
public final class ScoreProjections {

    /** Scores of about six: their rounding then changes weights by a percent. */
    public static final double LARGE = 2.5;

    /**
     * How the size of a map's output is told.
     *
     * @param inputGain the gain of the norm before the map; null for one without
     * @param normed whether a norm of each head follows, after which the map's own size is of no matter
     * @param outputGain the gain of that norm, or null
     * @param factor what the output is multiplied by, its share of the scale of scores included
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

    /** How to tell the size of what a map yields; null where it cannot be told, or where it yields neither. */
    Measure measure(Weight matrix) {
        return measures.get(matrix);
    }

    /** Whether a map yields values alone, whose errors are averaged. */
    boolean yieldsValues(Weight matrix) {
        return values.contains(matrix);
    }

    /** The matrix of the linear map whose outputs, normed or not, these are; null where another op yields them. */
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

    /** Whether an op leaves the size of heads as it is, or multiplies it by a number that is known. */
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
