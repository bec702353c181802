package dev.lockstep.architecture;

import dev.lockstep.checkpoint.Config;
import dev.lockstep.graph.GraphBuilder;
import dev.lockstep.graph.Model;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.Reach;
import java.util.Set;

/** ERNIE 4.5 (dense): Llama's block, where neighbouring features of a head turn together. */
final class Ernie45 implements Architecture {
    private static final ServedClasses CLASSES = ServedClasses.of("Ernie4_5ForCausalLM", Model.Task.CAUSAL_LM)
            .and("Ernie4_5_ForCausalLM", Model.Task.CAUSAL_LM);

    @Override
    public Set<String> inertKeys() {
        return Set.of("max_position_embeddings", "max_sequence_length", "use_flash_attention");
    }

    @Override
    public Model build(Config c, StoredTensors stored, GraphBuilder g) {
        CausalDecoder decoder = CausalDecoder.of(c, stored, CLASSES).tiedByDefault();
        Fixed.number(c, 1, "compression_ratio", "positions are not compressed");
        AttentionShape shape = AttentionShape.of(c, 2, 128);
        boolean bias = c.flag(false, "use_bias");
        DecoderBlock block = new DecoderBlock(
                Norm.rms(c.number(1e-5, "rms_norm_eps")),
                GroupedAttention.of(shape, Rope.whole(c, shape.headDim(), 500_000))
                        .interleavedPairs()
                        .biased(bias, bias),
                GatedMlp.of(c).biased(bias));
        Op.Attention op = shape.causal(Reach.ALL);
        return decoder.build(g, block.norm(), (layer, index, x) -> block.preNorm(layer, x, op));
    }
}
