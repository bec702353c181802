package dev.lockstep.architecture;

import dev.lockstep.checkpoint.Config;
import dev.lockstep.graph.GraphBuilder;
import dev.lockstep.graph.Model;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.Reach;
import java.util.Set;

/**
 * Llama (1 to 3, CodeLlama): pre-RMSNorm blocks, rotary grouped-query attention, gated MLP. Touvron et al. 2023. The
 * first one was published under another spelling of its class.
 */
final class Llama implements Architecture {
    private static final ServedClasses CLASSES =
            ServedClasses.of("LlamaForCausalLM", Model.Task.CAUSAL_LM).and("LLaMAForCausalLM", Model.Task.CAUSAL_LM);

    @Override
    public Set<String> inertKeys() {
        // Rotary positions are not bounded by what the model was trained on.
        return Set.of("max_position_embeddings", "max_sequence_length");
    }

    @Override
    public Model build(Config c, StoredTensors stored, GraphBuilder g) {
        CausalDecoder decoder = CausalDecoder.of(c, stored, CLASSES);
        AttentionShape shape = AttentionShape.of(c);
        boolean bias = c.flag(false, "attention_bias");
        DecoderBlock block = new DecoderBlock(
                Norm.rms(c.number(1e-6, "rms_norm_eps")),
                GroupedAttention.of(shape, Rope.whole(c, shape.headDim())).biased(bias, bias),
                GatedMlp.of(c).biased(c.flag(false, "mlp_bias")));
        Op.Attention op = shape.causal(Reach.ALL);
        return decoder.build(g, block.norm(), (layer, index, x) -> block.preNorm(layer, x, op));
    }
}
