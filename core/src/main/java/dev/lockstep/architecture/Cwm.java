package dev.lockstep.architecture;

import dev.lockstep.checkpoint.Config;
import dev.lockstep.graph.GraphBuilder;
import dev.lockstep.graph.Model;
import dev.lockstep.graph.Reach;
import dev.lockstep.graph.RotaryScaling;
import dev.lockstep.graph.RotaryTable;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/** Code World Model (Meta 2025): Llama 3's block with a window in three of four layers, the first of four seeing all. */
final class Cwm implements Architecture {
    private static final ServedClasses CLASSES = ServedClasses.of("CwmForCausalLM", Model.Task.CAUSAL_LM);
    private static final double THETA = 1e6;
    private static final int WINDOW = 8192;

    @Override
    public Set<String> inertKeys() {
        return Set.of("max_position_embeddings");
    }

    @Override
    public Model build(Config c, StoredTensors stored, GraphBuilder g) {
        CausalDecoder decoder = CausalDecoder.of(c, stored, CLASSES);
        Fixed.flag(c, false, "attention_bias", "this family's attention has no biases");
        AttentionShape shape = AttentionShape.of(c, 8, 128);
        List<Reach> reaches = Windows.typed(c, decoder.layers(), OptionalInt.of(WINDOW), layer -> layer % 4 != 0);
        DecoderBlock block = new DecoderBlock(
                Norm.rms(c.number(1e-5, "rms_norm_eps")),
                GroupedAttention.of(shape, rope(c, shape.headDim())),
                GatedMlp.of(c).biased(c.flag(false, "mlp_bias")));
        return decoder.build(
                g, block.norm(), (layer, index, x) -> block.preNorm(layer, x, shape.causal(reaches.get(index))));
    }

    /** A config without rotary settings means those of the first model. */
    private static RotaryTable rope(Config c, int headDim) {
        if (Rope.published(c).isPresent()) {
            return Rope.whole(c, headDim, THETA);
        }
        Fixed.number(c, THETA, "rope_theta", "without rope_parameters they are those of the first models");
        return new RotaryTable(headDim, THETA, new RotaryScaling.Llama3(16, 1, 4, WINDOW));
    }
}
