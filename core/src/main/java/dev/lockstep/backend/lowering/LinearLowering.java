package dev.lockstep.backend.lowering;

import dev.lockstep.graph.ActivationFunction;
import dev.lockstep.graph.Graph;
import dev.lockstep.graph.Node;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.Value;
import java.util.List;
import java.util.stream.IntStream;

/** Lowers linear maps. An activation is fused into the map if it is the only user of its output. */
final class LinearLowering {
    private final LoweredValues values;
    private final Emission code;
    private final SharedInputs shared;

    LinearLowering(LoweredValues values) {
        this.values = values;
        this.code = values.code();
        this.shared = new SharedInputs(values.graph(), node -> !values.isSum(node) && soleActivation(node) == null);
    }

    void linear(Node node) {
        if (values.value(node) != null) {
            return; // computed with another that takes the same input
        }
        List<Node> group = shared.of(node);
        if (group.size() > 1) {
            together(group);
        } else {
            alone(node);
        }
    }

    /** Maps with the same input: their outputs become columns of one buffer. */
    private void together(List<Node> group) {
        Node first = group.get(0);
        View in = code.plain(values.complete(first.input(0)));
        int width = 0;
        for (Node node : group) {
            width += values.local(node.output().dim()).length;
        }
        View all = code.fresh(first.output().rows(), width);
        List<LinearMap> maps = group.stream().map(node -> map(node, true)).toList();
        code.emit(new Step.Linear(maps, ActivationFunction.IDENTITY, in, all));
        int from = 0;
        for (Node node : group) {
            int columns = values.local(node.output().dim()).length;
            int start = from;
            values.putComplete(
                    node, all.select(IntStream.range(start, start + columns).toArray()));
            from += columns;
        }
    }

    private void alone(Node node) {
        View in = code.plain(values.complete(node.input(0)));
        View out = values.fresh(node.output());
        boolean sum = values.isSum(node);
        Node activation = sum ? null : soleActivation(node);
        ActivationFunction function =
                activation == null ? ActivationFunction.IDENTITY : ((Op.Activate) activation.op()).function();
        // If partial values are summed over the ranks, only one rank adds the bias.
        LinearMap map = map(node, !sum || values.rank() == 0);
        code.emit(new Step.Linear(List.of(map), function, in, out));
        values.putResult(node, out);
        if (activation != null) {
            values.putComplete(activation, out);
        }
    }

    void headLinear(Node node) {
        View in = code.plain(values.complete(node.input(0)));
        View out = values.fresh(node.output());
        code.emit(new Step.HeadLinear(node.weights().get(0), in, out));
        values.putResult(node, out);
    }

    private static LinearMap map(Node node, boolean withBias) {
        boolean biased = withBias && node.weights().size() > 1;
        return new LinearMap(node.weights().get(0), biased ? node.weights().get(1) : null);
    }

    /** The activation that is the only user of a linear map's output; it runs in the same step. */
    private Node soleActivation(Node node) {
        Graph graph = values.graph().model().graph();
        Node found = null;
        int uses = 0;
        for (Node user : graph.nodes()) {
            for (Value input : user.inputs()) {
                if (input.producer() == node) {
                    uses++;
                    found = user;
                }
            }
        }
        boolean isOutput = graph.outputs().values().stream().anyMatch(v -> v.producer() == node);
        boolean joins = uses == 1 && !isOutput && found.op() instanceof Op.Activate;
        return joins ? found : null;
    }
}
