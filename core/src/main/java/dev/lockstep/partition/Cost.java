package dev.lockstep.partition;

import dev.lockstep.graph.Graph;
import dev.lockstep.graph.Node;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.Weight;
import java.util.Set;

/** Work of a rank and time of a step under a split. */
final class Cost {
    private final Graph graph;
    private final Split split;
    private final Machine machine;
    private final Set<Weight> weights;

    Cost(Graph graph, Split split, Machine machine) {
        this.graph = graph;
        this.split = split;
        this.machine = machine;
        this.weights = graph.weights();
    }

    /** Weight elements a rank holds. */
    long weights(int rank) {
        long sum = 0;
        for (Weight weight : weights) {
            sum += split.elements(weight, rank);
        }
        return sum;
    }

    /** Floating point operations of a rank in a step; query-key width and value width are counted apart. */
    double flops(int rank) {
        double sum = 0;
        for (Node node : graph.nodes()) {
            sum += 2.0 * machine.rows() * perRow(node, rank);
        }
        return sum;
    }

    /** Multiplications of a row. */
    private double perRow(Node node, int rank) {
        return switch (node.op().traits().work()) {
            case NONE -> 0;
            case MATRIX -> split.elements(node.weights().get(0), rank);
            case EXPERTS -> expertElements(node, (Op.Experts) node.op(), rank);
            case SCORES ->
                (double) machine.context()
                        * (split.count(node.input(0).dim(), rank)
                                + split.count(node.output().dim(), rank));
        };
    }

    /** Elements of a mixture on a rank that a row meets, when its experts are as often one as another. */
    private double expertElements(Node node, Op.Experts experts, int rank) {
        long held = 0;
        for (int matrix = 0; matrix < 3; matrix++) {
            held += split.elements(node.weights().get(matrix), rank);
        }
        return (double) held * experts.chosen() / node.input(1).width();
    }

    double slowestFlops() {
        double most = 0;
        for (int rank = 0; rank < split.ranks(); rank++) {
            most = Math.max(most, flops(rank));
        }
        return most;
    }

    long mostWeights() {
        long most = 0;
        for (int rank = 0; rank < split.ranks(); rank++) {
            most = Math.max(most, weights(rank));
        }
        return most;
    }

    /** Seconds of a step of the slowest rank, its exchanges included. */
    double seconds() {
        double slowest = 0;
        for (int rank = 0; rank < split.ranks(); rank++) {
            double compute = flops(rank) / machine.flops();
            double read = (double) weights(rank) * machine.elementBytes() / machine.memoryBandwidth();
            slowest = Math.max(slowest, Math.max(compute, read));
        }
        if (split.ranks() > 1) {
            for (Plan.Exchange exchange : Planner.plan(graph, split).exchanges()) {
                long width = 0;
                for (Node node : exchange.nodes()) {
                    width += exchange.kind() == Plan.Exchange.Kind.STATISTICS
                            ? 3
                            : node.output().width();
                }
                slowest += machine.latency() + machine.rows() * width * 4.0 / machine.linkBandwidth();
            }
        }
        return slowest;
    }
}
