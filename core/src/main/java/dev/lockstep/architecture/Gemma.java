package dev.lockstep.architecture;

import dev.lockstep.checkpoint.Config;
import dev.lockstep.graph.ActivationFunction;
import dev.lockstep.graph.GraphBuilder;
import dev.lockstep.graph.Model;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.Reach;
import java.util.Set;

/** Gemma (2024): Llama's block with norms scaled by 1 + w, a GELU gate and token embeddings times the root of their width. */
final class Gemma implements Architecture {
    private static final ServedClasses CLASSES = ServedClasses.of("GemmaForCausalLM", Model.Task.CAUSAL_LM);

    @Override
    public Set<String> inertKeys() {
        return Set.of("max_position_embeddings");
    }

    @Override
    public Model build(Config c, StoredTensors stored, GraphBuilder g) {
        AttentionShape shape = AttentionShape.of(c, 16, 256);
        CausalDecoder decoder =
                CausalDecoder.of(c, stored, CLASSES).tiedByDefault().embeddingsTimes(Math.sqrt(shape.hidden()));
        Fixed.flag(c, false, "use_bidirectional_attention", "Gemma is served as a decoder");
        boolean bias = c.flag(false, "attention_bias");
        DecoderBlock block = new DecoderBlock(
                Norm.rmsOfOnePlus(c.number(1e-6, "rms_norm_eps")),
                GroupedAttention.of(shape, Rope.whole(c, shape.headDim())).biased(bias, bias),
                GatedMlp.of(c, function(c)));
        Op.Attention op = shape.causal(Reach.ALL);
        return decoder.build(g, block.norm(), (layer, index, x) -> block.preNorm(layer, x, op));
    }

    /** The first configs say gelu and mean its tanh form. */
    private static ActivationFunction function(Config c) {
        ActivationFunction named = Activations.of(c, "gelu_pytorch_tanh", "hidden_act", "hidden_activation");
        return named == ActivationFunction.GELU ? ActivationFunction.GELU_TANH : named;
    }
}
