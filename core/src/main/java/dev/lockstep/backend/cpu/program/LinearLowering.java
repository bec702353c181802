package dev.lockstep.backend.cpu.program;

import dev.lockstep.graph.Graph;
import dev.lockstep.graph.Node;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.Value;
import java.util.List;
import java.util.stream.IntStream;

/** Lowers linear maps; an activation that alone uses one joins it. */
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
        if (values.slot(node) != null) {
            return; // computed with another that takes the same input
        }
        List<Node> group = shared.of(node);
        if (group.size() > 1) {
            together(group);
        } else {
            alone(node);
        }
    }

    /** Maps of one input: their outputs are columns of one buffer. */
    private void together(List<Node> group) {
        Node first = group.get(0);
        Operand in = code.plain(values.whole(first.input(0)));
        int width = 0;
        for (Node node : group) {
            width += values.local(node.output().dim()).length;
        }
        Operand all = code.fresh(first.output().rows(), width);
        code.emit(LinearInstructions.linear(values.resources().linears(group), in, all, null), in, all);
        int from = 0;
        for (Node node : group) {
            int columns = values.local(node.output().dim()).length;
            int start = from;
            values.putWhole(
                    node,
                    code.remember(
                            all.select(IntStream.range(start, start + columns).toArray())));
            from += columns;
        }
    }

    private void alone(Node node) {
        Operand in = code.plain(values.whole(node.input(0)));
        Operand out = values.fresh(node.output());
        boolean sum = values.isSum(node);
        Node activation = sum ? null : soleActivation(node);
        LinearWeights weights = values.resources().linear(node, !sum || values.rank() == 0);
        code.emit(LinearInstructions.linear(weights, in, out, activation), in, out);
        values.putResult(node, out);
        if (activation != null) {
            values.putWhole(activation, out);
        }
    }

    void headLinear(Node node) {
        Operand in = code.plain(values.whole(node.input(0)));
        Operand out = values.fresh(node.output());
        HeadMatrices weights = values.resources().headMatrices(node);
        code.emit(LinearInstructions.headLinear(weights, in, out), in, out);
        values.putResult(node, out);
    }

    /** The activation that alone uses a linear map's output: it runs in the same instruction. */
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
