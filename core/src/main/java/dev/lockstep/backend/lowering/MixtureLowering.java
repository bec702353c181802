package dev.lockstep.backend.lowering;

import dev.lockstep.graph.Dim;
import dev.lockstep.graph.Node;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.Weight;
import java.util.List;

/** Lowers routers and mixtures of experts. */
final class MixtureLowering {
    private final LoweredValues values;
    private final Emission code;

    MixtureLowering(LoweredValues values) {
        this.values = values;
        this.code = values.code();
    }

    void route(Node node, Op.Route route) {
        View logits = code.plain(values.complete(node.input(0)));
        View weights = values.fresh(node.output());
        Weight correction = route.routing().corrected() ? node.weights().get(0) : null;
        code.emit(new Step.Route(route.routing(), correction, logits, weights));
        values.putComplete(node, weights);
    }

    void experts(Node node, Op.Experts op) {
        Dim inner = node.weights().get(0).dims().get(1);
        View x = code.plain(values.complete(node.input(0)));
        View out = values.fresh(node.output());
        View routing = code.plain(values.complete(node.input(1)));
        // If inner features are split, every rank has a partial value of an expert's output: one rank adds the bias.
        boolean addsBias = !values.split().splits(inner) || values.rank() == 0;
        code.emit(new Step.Experts(op, maps(node.weights(), op.bias(), addsBias), x, routing, out));
        values.putResult(node, out);
    }

    private static ExpertMaps maps(List<Weight> weights, boolean biased, boolean addsBias) {
        return new ExpertMaps(
                weights.get(0),
                weights.get(1),
                weights.get(2),
                biased ? weights.get(3) : null,
                biased ? weights.get(4) : null,
                biased && addsBias ? weights.get(5) : null);
    }
}
