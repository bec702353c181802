package dev.lockstep.backend.cpu.program;

import dev.lockstep.graph.Dim;
import dev.lockstep.graph.Node;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.RowAxis;

/** Lowers routers and mixtures of experts. */
final class MixtureLowering {
    private final LoweredValues values;
    private final Emission code;

    MixtureLowering(LoweredValues values) {
        this.values = values;
        this.code = values.code();
    }

    void route(Node node, Op.Route route) {
        Operand logits = code.plain(values.whole(node.input(0)));
        Operand weights = values.fresh(node.output());
        float[] correction = route.routing().corrected() ? values.resources().correction(node) : null;
        code.emit(MixtureInstructions.route(route.routing(), correction, logits, weights), logits, weights);
        values.putWhole(node, weights);
    }

    void experts(Node node, Op.Experts op) {
        RowAxis rows = node.output().rows();
        Dim inner = node.weights().get(0).dims().get(1);
        Operand x = code.plain(values.whole(node.input(0)));
        Operand out = values.fresh(node.output());
        MixtureInstructions.Operands operands = new MixtureInstructions.Operands(
                x,
                code.plain(values.whole(node.input(1))),
                code.fresh(rows, x.width()),
                code.fresh(rows, 2 * values.local(inner).length),
                code.fresh(rows, out.width()),
                out);
        // With its inner features split, every rank has a share of an expert's output: one of them adds the bias.
        boolean addsBias = !values.split().splits(inner) || values.rank() == 0;
        ExpertMatrices matrices = values.resources().experts(node, addsBias);
        code.emit(MixtureInstructions.experts(op, matrices, operands), operands.all());
        values.putResult(node, out);
    }
}
