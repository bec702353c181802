package dev.lockstep.architecture;

import dev.lockstep.checkpoint.WeightExpression;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.Scope;
import dev.lockstep.graph.Value;

/** A family's kind of norm over all features, with the weight of a given name where it has one. */
@FunctionalInterface
interface Norm {
    Value of(Scope s, String name, Value x);

    /** Root mean square (Zhang and Sennrich 2019). */
    static Norm rms(double epsilon) {
        return (s, name, x) -> s.rmsNorm(name, x, epsilon);
    }

    /** Root mean square, scaled by 1 + w: Gemma. */
    static Norm rmsOfOnePlus(double epsilon) {
        return (s, name, x) -> s.norm(x, Op.NormKind.RMS, epsilon, onePlus(s.name(name + ".weight")), null);
    }

    /** 1 + the tensor of this name. */
    static WeightExpression onePlus(String tensor) {
        return new WeightExpression.Affine(WeightExpression.tensor(tensor), 1, 1);
    }

    /** Layer norm with scale and shift. */
    static Norm layer(double epsilon) {
        return (s, name, x) -> s.layerNorm(name, x, epsilon);
    }

    /** Layer norm with a scale and no shift: Cohere. */
    static Norm layerWithoutShift(double epsilon) {
        return (s, name, x) ->
                s.norm(x, Op.NormKind.LAYER, epsilon, WeightExpression.tensor(s.name(name + ".weight")), null);
    }

    /** Layer norm without weights: OLMo. */
    static Norm layerWithoutWeights(double epsilon) {
        return (s, name, x) -> s.norm(x, Op.NormKind.LAYER, epsilon, null, null);
    }
}
