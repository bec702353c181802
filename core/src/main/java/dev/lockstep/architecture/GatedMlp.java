package dev.lockstep.architecture;

import dev.lockstep.checkpoint.Config;
import dev.lockstep.graph.ActivationFunction;
import dev.lockstep.graph.Scope;
import dev.lockstep.graph.Value;

/**
 * The gated feed-forward under the names of Llama's relatives: {@code gate_proj}, {@code up_proj} and {@code down_proj}.
 *
 * @param inner features between the maps
 * @param fused whether {@code gate_up_proj} yields the gate's features, then up's
 */
record GatedMlp(int inner, ActivationFunction function, boolean bias, boolean fused)
        implements DecoderBlock.FeedForward {

    /** From {@code intermediate_size} and {@code hidden_act}, without biases. */
    static GatedMlp of(Config c) {
        return of(c, Activations.of(c, "silu", "hidden_act"));
    }

    static GatedMlp of(Config c, ActivationFunction function) {
        return new GatedMlp(c.size("intermediate_size"), function, false, false);
    }

    GatedMlp biased(boolean newBias) {
        return new GatedMlp(inner, function, newBias, fused);
    }

    GatedMlp fusedGate() {
        return new GatedMlp(inner, function, bias, true);
    }

    @Override
    public Value apply(Scope s, Value y, Value like) {
        return fused
                ? Mlp.gatedFused(s, "gate_up_proj", "down_proj", like, y, inner, function, bias)
                : Mlp.gated(s, Mlp.GatedNames.LLAMA, like, y, inner, function, bias);
    }
}
