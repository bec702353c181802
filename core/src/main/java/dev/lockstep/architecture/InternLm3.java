package dev.lockstep.architecture;

import dev.lockstep.checkpoint.Config;
import dev.lockstep.graph.GraphBuilder;
import dev.lockstep.graph.Model;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.Reach;
import java.util.Set;

/** InternLM3: Llama's block; {@code qkv_bias} is that of queries, keys and values, {@code bias} of all other maps. */
final class InternLm3 implements Architecture {
    private static final ServedClasses CLASSES = ServedClasses.of("InternLM3ForCausalLM", Model.Task.CAUSAL_LM);

    @Override
    public Set<String> inertKeys() {
        return Set.of("max_position_embeddings");
    }

    @Override
    public Model build(Config c, StoredTensors stored, GraphBuilder g) {
        CausalDecoder decoder = CausalDecoder.of(c, stored, CLASSES);
        AttentionShape shape = AttentionShape.of(c, 2, 128);
        boolean bias = c.flag(false, "bias", "mlp_bias");
        DecoderBlock block = new DecoderBlock(
                Norm.rms(c.number(1e-5, "rms_norm_eps")),
                GroupedAttention.of(shape, Rope.whole(c, shape.headDim()))
                        .biased(c.flag(false, "qkv_bias", "attention_bias"), bias),
                GatedMlp.of(c).biased(bias));
        Op.Attention op = shape.causal(Reach.ALL);
        return decoder.build(g, block.norm(), (layer, index, x) -> block.preNorm(layer, x, op));
    }
}
