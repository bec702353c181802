package dev.lockstep.architecture;

import dev.lockstep.checkpoint.WeightExpression;
import dev.lockstep.graph.ActivationFunction;
import dev.lockstep.graph.Gating;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.Routing;
import dev.lockstep.graph.Scope;
import dev.lockstep.graph.Value;

/**
 * A mixture of experts: a router and gated feed-forwards (Shazeer et al. 2017).
 *
 * @param router the name of the linear map that yields the experts' logits
 * @param routerBias whether it has a bias
 * @param inner features between an expert's maps
 * @param tensors where the experts' weights are
 */
record Mixture(
        String router, boolean routerBias, Routing routing, Op.Experts experts, int inner, ExpertTensors tensors) {

    /** The usual: a router {@code gate} without bias; outputs are weighed. */
    static Mixture of(Routing routing, ActivationFunction function, int inner, ExpertTensors tensors) {
        Op.Experts experts = new Op.Experts(new Gating.Plain(function), false, false, routing.chosen());
        return new Mixture("gate", false, routing, experts, inner, tensors);
    }

    Mixture routedBy(String name, boolean bias) {
        return new Mixture(name, bias, routing, experts, inner, tensors);
    }

    /** With another way to join an expert's inner maps, all maps with biases. */
    Mixture gatedBy(Gating gating) {
        Op.Experts biased = new Op.Experts(gating, true, experts.weighsInput(), experts.chosen());
        return new Mixture(router, routerBias, routing, biased, inner, tensors);
    }

    /** Whose experts' inputs are weighed, not their outputs. */
    Mixture weighingInputs() {
        Op.Experts weighing = new Op.Experts(experts.gating(), experts.bias(), true, experts.chosen());
        return new Mixture(router, routerBias, routing, weighing, inner, tensors);
    }

    /** The mixture at s over y; yields the axes of {@code like}. */
    Value apply(Scope s, Value y, Value like) {
        WeightExpression correction =
                routing.corrected() ? WeightExpression.tensor(s.name(router + ".e_score_correction_bias")) : null;
        Value logits = s.linear(router, y, routing.experts(), routerBias);
        Value weights = s.route(logits, routing, correction);
        return s.experts(y, weights, like, inner, experts, tensors.of(s, routing.experts(), inner, y.width()));
    }
}
