package dev.lockstep.architecture;

import dev.lockstep.checkpoint.Config;
import dev.lockstep.graph.GraphBuilder;
import dev.lockstep.graph.Model;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.Reach;
import java.util.Set;

/** Helium (Kyutai): Llama's block, where neighbouring features of a head turn together and the output has no bias. */
final class Helium implements Architecture {
    private static final ServedClasses CLASSES = ServedClasses.of("HeliumForCausalLM", Model.Task.CAUSAL_LM);

    @Override
    public Set<String> inertKeys() {
        return Set.of("max_position_embeddings");
    }

    @Override
    public Model build(Config c, StoredTensors stored, GraphBuilder g) {
        CausalDecoder decoder = CausalDecoder.of(c, stored, CLASSES);
        AttentionShape shape = AttentionShape.of(c, 20, 128);
        DecoderBlock block = new DecoderBlock(
                Norm.rms(c.number(1e-8, "rms_norm_eps")),
                GroupedAttention.of(shape, Rope.whole(c, shape.headDim(), 1e5))
                        .interleavedPairs()
                        .biased(c.flag(false, "attention_bias"), false),
                GatedMlp.of(c).biased(c.flag(false, "mlp_bias")));
        Op.Attention op = shape.causal(Reach.ALL);
        return decoder.build(g, block.norm(), (layer, index, x) -> block.preNorm(layer, x, op));
    }
}
