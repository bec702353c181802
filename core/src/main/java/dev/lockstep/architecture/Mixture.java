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
 * @param correction where the correction of the router's choice is, where {@code routing} has one
 * @param inner features between an expert's maps
 * @param tensors where the experts' weights are
 */
record Mixture(
        String router,
        boolean routerBias,
        Routing routing,
        Correction correction,
        Op.Experts experts,
        int inner,
        ExpertTensors tensors) {

    /** What is added to scores for the choice alone: [experts], at a mixture's place s. */
    @FunctionalInterface
    interface Correction {
        WeightExpression of(Scope s, Mixture mixture);

        /** Beside the router's weight, as most families have it. */
        static WeightExpression besideRouter(Scope s, Mixture mixture) {
            return WeightExpression.tensor(s.name(mixture.router + ".e_score_correction_bias"));
        }

        /** Beside the router itself. */
        static WeightExpression besideExperts(Scope s, Mixture mixture) {
            return WeightExpression.tensor(s.name("e_score_correction_bias"));
        }
    }

    /** The usual: a router {@code gate} without bias; outputs are weighed. */
    static Mixture of(Routing routing, ActivationFunction function, int inner, ExpertTensors tensors) {
        Op.Experts experts = new Op.Experts(new Gating.Plain(function), false, false, routing.chosen());
        return new Mixture("gate", false, routing, Correction::besideRouter, experts, inner, tensors);
    }

    Mixture routedBy(String name, boolean bias) {
        return new Mixture(name, bias, routing, correction, experts, inner, tensors);
    }

    /** With the correction of the router's choice elsewhere. */
    Mixture correctedBy(Correction other) {
        return new Mixture(router, routerBias, routing, other, experts, inner, tensors);
    }

    /** With another way to join an expert's inner maps, all maps with biases. */
    Mixture gatedBy(Gating gating) {
        Op.Experts biased = new Op.Experts(gating, true, experts.weighsInput(), experts.chosen());
        return new Mixture(router, routerBias, routing, correction, biased, inner, tensors);
    }

    /** Whose experts' inputs are weighed, not their outputs. */
    Mixture weighingInputs() {
        Op.Experts weighing = new Op.Experts(experts.gating(), experts.bias(), true, experts.chosen());
        return new Mixture(router, routerBias, routing, correction, weighing, inner, tensors);
    }

    /** The mixture at s over y; yields the axes of {@code like}. */
    Value apply(Scope s, Value y, Value like) {
        WeightExpression added = routing.corrected() ? correction.of(s, this) : null;
        Value logits = s.linear(router, y, routing.experts(), routerBias);
        Value weights = s.route(logits, routing, added);
        return s.experts(y, weights, like, inner, experts, tensors.of(s, routing.experts(), inner, y.width()));
    }
}
