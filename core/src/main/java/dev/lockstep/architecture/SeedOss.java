package dev.lockstep.architecture;

import dev.lockstep.checkpoint.Config;
import dev.lockstep.graph.GraphBuilder;
import dev.lockstep.graph.Model;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.Reach;
import java.util.Set;

/** Seed-OSS: Llama's block with biases on queries, keys and values, and a switch for each other bias. */
final class SeedOss implements Architecture {
    private static final ServedClasses CLASSES = ServedClasses.of("SeedOssForCausalLM", Model.Task.CAUSAL_LM);

    @Override
    public Set<String> inertKeys() {
        return Set.of("max_position_embeddings", "residual_dropout");
    }

    @Override
    public Model build(Config c, StoredTensors stored, GraphBuilder g) {
        CausalDecoder decoder = CausalDecoder.of(c, stored, CLASSES);
        AttentionShape shape = AttentionShape.of(c, 8, 128);
        DecoderBlock block = new DecoderBlock(
                Norm.rms(c.number(1e-6, "rms_norm_eps")),
                GroupedAttention.of(shape, Rope.whole(c, shape.headDim()))
                        .biased(c.flag(true, "attention_bias"), c.flag(false, "attention_out_bias")),
                GatedMlp.of(c).biased(c.flag(false, "mlp_bias")));
        Op.Attention op = shape.causal(Reach.ALL);
        return decoder.build(g, block.norm(), (layer, index, x) -> block.preNorm(layer, x, op));
    }
}
