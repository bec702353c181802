package dev.lockstep.architecture;

import dev.lockstep.checkpoint.Config;
import dev.lockstep.graph.GraphBuilder;
import dev.lockstep.graph.Model;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.Reach;
import dev.lockstep.graph.RotaryTable;
import java.util.Set;

/**
 * OLMo 2 (2025): norms after attention and feed-forward instead of before them, and over all queries and all keys
 * together.
 */
final class Olmo2 implements Architecture {
    private static final ServedClasses CLASSES = ServedClasses.of("Olmo2ForCausalLM", Model.Task.CAUSAL_LM);

    @Override
    public Set<String> inertKeys() {
        return Set.of("max_position_embeddings");
    }

    @Override
    public Model build(Config c, StoredTensors stored, GraphBuilder g) {
        CausalDecoder decoder = CausalDecoder.of(c, stored, CLASSES);
        AttentionShape shape = AttentionShape.of(c);
        DecoderBlock block = block(c, shape, Rope.whole(c, shape.headDim()));
        Op.Attention op = shape.causal(Reach.ALL);
        return decoder.build(
                g, block.norm(), (layer, index, x) -> block.serial(layer, x, op, DecoderBlock.NormNames.AFTER, 1));
    }

    /** The block of OLMo 2 and 3. */
    static DecoderBlock block(Config c, AttentionShape shape, RotaryTable rope) {
        double epsilon = c.number(1e-5, "rms_norm_eps");
        boolean bias = c.flag(false, "attention_bias");
        return new DecoderBlock(
                Norm.rms(epsilon),
                GroupedAttention.of(shape, rope)
                        .biased(bias, bias)
                        .beforeTurning((s, which, x) -> s.rmsNorm(which + "_norm", x, epsilon)),
                GatedMlp.of(c));
    }
}
