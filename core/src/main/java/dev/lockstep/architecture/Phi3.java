package dev.lockstep.architecture;

import dev.lockstep.checkpoint.Config;
import dev.lockstep.graph.GraphBuilder;
import dev.lockstep.graph.Model;
import dev.lockstep.graph.Reach;
import java.util.List;
import java.util.Set;

/** Phi-3 and Phi-4 (Abdin et al. 2024): Llama's block over fused maps, with positions on a part of every head. */
final class Phi3 implements Architecture {
    private static final ServedClasses CLASSES = ServedClasses.of("Phi3ForCausalLM", Model.Task.CAUSAL_LM);

    @Override
    public Set<String> inertKeys() {
        return Set.of(
                "embd_pdrop",
                "full_attn_mod",
                "interpolate_factor",
                "max_position_embeddings",
                "original_max_position_embeddings",
                "resid_pdrop");
    }

    @Override
    public Model build(Config c, StoredTensors stored, GraphBuilder g) {
        CausalDecoder decoder = CausalDecoder.of(c, stored, CLASSES);
        Fixed.flag(c, false, "attention_bias", "this family's attention has no biases");
        Fixed.flag(c, false, "mlp_bias", "this family's feed-forward has no biases");
        Fixed.flag(c, false, "lm_head_bias", "this family's head has no bias");
        AttentionShape shape = AttentionShape.of(c);
        List<Reach> reaches = Windows.everywhereIfGiven(c, decoder.layers());
        DecoderBlock block = new DecoderBlock(
                Norm.rms(c.number(1e-5, "rms_norm_eps")),
                GroupedAttention.of(shape, Rope.partial(c, shape.headDim(), 1, Rope.THETA))
                        .fusedAs("qkv_proj"),
                GatedMlp.of(c).fusedGate());
        return decoder.build(
                g, block.norm(), (layer, index, x) -> block.preNorm(layer, x, shape.causal(reaches.get(index))));
    }
}
