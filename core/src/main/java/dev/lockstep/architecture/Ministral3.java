package dev.lockstep.architecture;

import dev.lockstep.checkpoint.Config;
import dev.lockstep.graph.GraphBuilder;
import dev.lockstep.graph.Model;
import dev.lockstep.graph.PositionFactor;
import dev.lockstep.graph.Reach;
import dev.lockstep.graph.RotaryScaling;
import dev.lockstep.graph.RotaryTable;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Ministral 3: Mistral's block, whose queries grow with every multiple of the trained length, after they turned. */
final class Ministral3 implements Architecture {
    private static final ServedClasses CLASSES = ServedClasses.of("Ministral3ForCausalLM", Model.Task.CAUSAL_LM);
    private static final double THETA = 1e6;
    private static final int TRAINED = 16384;

    @Override
    public Set<String> inertKeys() {
        return Set.of("max_position_embeddings");
    }

    @Override
    public Model build(Config c, StoredTensors stored, GraphBuilder g) {
        CausalDecoder decoder = CausalDecoder.of(c, stored, CLASSES);
        AttentionShape shape = AttentionShape.of(c, 8, 128);
        List<Reach> reaches = Windows.everywhereIfGiven(c, decoder.layers());
        PositionFactor growth = growth(c);
        DecoderBlock block = new DecoderBlock(
                Norm.rms(c.number(1e-5, "rms_norm_eps")),
                GroupedAttention.of(shape, rope(c, shape.headDim()))
                        .afterTurning((s, which, x) -> which.equals("q") ? s.scaleByPosition(x, growth) : x),
                GatedMlp.of(c));
        return decoder.build(
                g, block.norm(), (layer, index, x) -> block.preNorm(layer, x, shape.causal(reaches.get(index))));
    }

    /** A config without rotary settings means those of the first models. */
    private static RotaryTable rope(Config c, int headDim) {
        if (Rope.published(c).isPresent()) {
            return Rope.whole(c, headDim);
        }
        Fixed.number(c, THETA, "rope_theta", "without rope_parameters they are those of the first models");
        return new RotaryTable(headDim, THETA, new RotaryScaling.Yarn(16, TRAINED, 32, 1, true, 1));
    }

    private static PositionFactor growth(Config c) {
        Optional<Config> published = Rope.published(c);
        double beta = published.map(s -> s.number(0, "llama_4_scaling_beta")).orElse(0.1);
        int trained = published
                .map(s -> s.sizeOr(c.size("max_position_embeddings"), "original_max_position_embeddings"))
                .orElse(TRAINED);
        return new PositionFactor.TrainedMultiples(beta, trained);
    }
}
