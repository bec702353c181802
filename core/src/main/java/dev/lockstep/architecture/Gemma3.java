package dev.lockstep.architecture;

import dev.lockstep.checkpoint.Config;
import dev.lockstep.graph.GraphBuilder;
import dev.lockstep.graph.Model;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.Reach;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Gemma 3 (the text model): Gemma 2 with norms of each head's queries and keys instead of capped scores, windows in five
 * of six layers, and other positions where there is a window.
 */
final class Gemma3 implements Architecture {
    private static final ServedClasses CLASSES = ServedClasses.of("Gemma3ForCausalLM", Model.Task.CAUSAL_LM);

    @Override
    public Set<String> inertKeys() {
        // Gemma 2's cap on scores is still published, and never applied. The pattern with the underscore only tells
        // what
        // layer_types were made of.
        return Set.of(
                "_sliding_window_pattern",
                "attn_logit_softcapping",
                "cache_implementation",
                "hidden_act",
                "max_position_embeddings");
    }

    @Override
    public Model build(Config c, StoredTensors stored, GraphBuilder g) {
        Fixed.flag(c, false, "use_bidirectional_attention", "Gemma is served as a decoder");
        CausalDecoder decoder = Gemma2.decoder(c, stored, g, CLASSES, OptionalDouble.empty());
        AttentionShape shape = AttentionShape.of(c, 4, 256);
        boolean bias = c.flag(false, "attention_bias");
        double epsilon = c.number(1e-6, "rms_norm_eps");
        GroupedAttention attention = GroupedAttention.of(
                        shape, Rope.ofKind(c, Windows.FULL, shape.headDim(), 1e6, "rope_theta"))
                .biased(bias, bias)
                .beforeTurning((s, which, x) -> s.headNorm(
                        x,
                        shape.headDim(),
                        Op.NormKind.RMS,
                        epsilon,
                        Norm.onePlus(s.name(which + "_norm.weight")),
                        null,
                        false));
        DecoderBlock far = new DecoderBlock(
                Norm.rmsOfOnePlus(epsilon),
                attention,
                GatedMlp.of(c, Activations.of(c, "gelu_pytorch_tanh", "hidden_activation")));
        DecoderBlock near = far.with(
                attention.turnedBy(Rope.ofKind(c, Windows.SLIDING, shape.headDim(), 1e4, "rope_local_base_freq")));
        int period = c.sizeOr(6, "sliding_window_pattern");
        List<Boolean> windowed = Windows.sliding(c, decoder.layers(), layer -> (layer + 1) % period != 0);
        List<Reach> reaches = Windows.where(c, windowed, OptionalInt.of(Windows.ABSENT));
        double scale = Gemma2.scale(c);
        return decoder.build(g, far.norm(), (layer, index, x) -> (windowed.get(index) ? near : far)
                .serial(layer, x, shape.causal(scale, reaches.get(index)), Gemma2.NORMS, 1));
    }
}
