package dev.lockstep.partition;

import dev.lockstep.graph.AxisUse;
import dev.lockstep.graph.Dim;
import dev.lockstep.graph.Graph;
import dev.lockstep.graph.Node;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.Value;
import dev.lockstep.graph.Weight;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Derives a plan's states again, forward along its steps and from the index lists alone, and refuses the plan where an
 * op would see less than it needs. It shares no rule with the planner: holdings are counted index by index.
 */
final class PlanChecker {

    /** The state of a value on a rank at some point of the plan. */
    private enum State {
        WHOLE,
        SPLIT,
        SUM
    }

    private final Graph graph;
    private final Split split;
    private final State[] states;
    private final Set<Node> statistics = new HashSet<>();
    private final Set<Node> gathered = new HashSet<>();

    private PlanChecker(Graph graph, Split split) {
        this.graph = graph;
        this.split = split;
        this.states = new State[graph.nodes().size()];
    }

    /** @throws PlanException naming node, found and needed state */
    static void check(Graph graph, Partition partition) {
        PlanChecker checker = new PlanChecker(graph, partition.split());
        for (Weight weight : graph.weights()) {
            for (Dim dim : weight.dims()) {
                checker.covers(dim, "weight " + weight.name());
            }
            checker.oneSplitAxis(weight);
        }
        for (Plan.Step step : partition.plan().steps()) {
            if (step instanceof Plan.Compute compute) {
                checker.compute(compute.node());
            } else {
                checker.exchange((Plan.Exchange) step);
            }
        }
        checker.outputs();
    }

    private void covers(Dim dim, String what) {
        BitSet held = new BitSet(dim.size());
        for (int rank = 0; rank < split.ranks(); rank++) {
            for (int index : split.local(dim, rank)) {
                held.set(index);
            }
        }
        if (held.cardinality() != dim.size()) {
            throw new PlanException(what + ": " + (dim.size() - held.cardinality()) + " of " + dim.size()
                    + " indices are" + " on no rank");
        }
    }

    /** The ranks' boxes of a weight must together hold every element: with two split axes corners would be missing. */
    private void oneSplitAxis(Weight weight) {
        List<Dim> lists = new ArrayList<>();
        for (Dim dim : weight.dims()) {
            if (!everyRankHoldsAll(dim)) {
                lists.add(dim);
            }
        }
        BitSet ranks = new BitSet();
        ranks.set(0, split.ranks());
        if (lists.size() > 1 && !coveredBox(lists, ranks)) {
            throw new PlanException("weight " + weight.name() + " has elements on no rank");
        }
    }

    /** Whether these ranks hold all combinations of indices. */
    private boolean coveredBox(List<Dim> dims, BitSet ranks) {
        if (dims.isEmpty()) {
            return !ranks.isEmpty();
        }
        Dim first = dims.get(0);
        BitSet[] holders = new BitSet[first.size()];
        Arrays.setAll(holders, index -> new BitSet());
        for (int rank = ranks.nextSetBit(0); rank >= 0; rank = ranks.nextSetBit(rank + 1)) {
            for (int index : split.local(first, rank)) {
                holders[index].set(rank);
            }
        }
        Set<BitSet> distinct = new HashSet<>(Arrays.asList(holders));
        return distinct.stream().allMatch(held -> coveredBox(dims.subList(1, dims.size()), held));
    }

    private boolean everyRankHoldsAll(Dim dim) {
        for (int rank = 0; rank < split.ranks(); rank++) {
            if (split.local(dim, rank).length != dim.size()) {
                return false;
            }
        }
        return true;
    }

    private void compute(Node node) {
        int sums = 0;
        for (Value input : node.inputs()) {
            State state = states[input.producer().id()];
            if (state == null) {
                throw new PlanException(
                        node + " runs before its input %" + input.producer().id());
            }
            sums += state == State.SUM ? 1 : 0;
        }
        boolean linear = isLinear(node, sums);
        if (sums > 0 && !linear) {
            throw new PlanException(node + " meets a sum over ranks that is not complete");
        }
        boolean producesSum = false;
        for (AxisUse use : node.signature()) {
            boolean held = everyRankHoldsAll(use.dim());
            switch (use.kind()) {
                case CLOSED -> require(held, node, "needs the whole of " + use.dim() + ": " + use.why());
                case SUMMED, MASKED_LOOKUP -> producesSum |= !held;
                case STATISTICS -> require(held || statistics.contains(node), node, "needs statistics of " + use.dim());
                case IDENTITY, FREE -> covers(use.dim(), node.toString());
            }
        }
        boolean outputSplit = !everyRankHoldsAll(node.output().dim());
        require(!(outputSplit && (producesSum || sums > 0)), node, "would be split and a sum at once");
        states[node.id()] = producesSum || sums > 0 ? State.SUM : outputSplit ? State.SPLIT : State.WHOLE;
    }

    /** f(a + b) = f(a) + f(b) in the operands that are sums: worked out here again, apart from the planner. */
    private boolean isLinear(Node node, int sums) {
        return switch (linearity(node.op())) {
            case NONE -> false;
            case IN_ALL -> true;
            case IN_EACH -> sums == 1;
            case IN_FIRST -> states[node.input(1).producer().id()] != State.SUM;
        };
    }

    /** In which operands an op is linear. */
    enum Linearity {
        NONE,
        IN_ALL,
        IN_EACH,
        IN_FIRST
    }

    /** The checker's own rule for an op, independent of the op's declaration. */
    static Linearity linearity(Op op) {
        if (op instanceof Op.Binary binary) {
            return binary == Op.Binary.ADD ? Linearity.IN_ALL : Linearity.IN_EACH;
        }
        if (op instanceof Op.ScaleRows) {
            return Linearity.IN_FIRST;
        }
        if (op instanceof Op.PoolRows pool) {
            boolean adds = pool == Op.PoolRows.SUM || pool == Op.PoolRows.MEAN;
            return adds ? Linearity.IN_ALL : Linearity.NONE;
        }
        boolean linear = op instanceof Op.Scale
                || op instanceof Op.RepeatRows
                || op instanceof Op.ScaleByPosition
                || op instanceof Op.Select
                || op instanceof Op.PickRows;
        return linear ? Linearity.IN_ALL : Linearity.NONE;
    }

    private void exchange(Plan.Exchange exchange) {
        for (Node node : exchange.nodes()) {
            switch (exchange.kind()) {
                case ALL_REDUCE -> {
                    require(states[node.id()] == State.SUM, node, "is reduced but is no sum");
                    states[node.id()] = State.WHOLE;
                }
                case STATISTICS -> {
                    State input = states[node.input(0).producer().id()];
                    require(input == State.SPLIT, node, "exchanges statistics of an input that is not split");
                    statistics.add(node);
                }
                case GATHER -> {
                    require(states[node.id()] == State.SPLIT, node, "is gathered but is not split");
                    gathered.add(node);
                }
            }
        }
    }

    private void outputs() {
        for (Value output : graph.outputs().values()) {
            Node node = output.producer();
            boolean complete = states[node.id()] == State.WHOLE || gathered.contains(node);
            require(complete, node, "is an output that no rank has whole");
        }
        List<Node> nodes = graph.nodes();
        for (Node node : nodes) {
            require(states[node.id()] != null, node, "is never run");
        }
    }

    private static void require(boolean holds, Node node, String otherwise) {
        if (!holds) {
            throw new PlanException(node + " " + otherwise);
        }
    }
}
