package dev.lockstep.architecture;

import dev.lockstep.checkpoint.Config;
import dev.lockstep.graph.GraphBuilder;
import dev.lockstep.graph.Model;
import dev.lockstep.graph.Reach;
import dev.lockstep.graph.RotaryTable;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/**
 * OLMo 2 (2025): norms after attention and feed-forward instead of before them, and over all queries and all keys
 * together. OLMo 3 adds windows in three of four layers; only the others stretch their positions.
 */
final class Olmo2 implements Architecture {

    /** What distinguishes the generations. */
    enum Generation {
        OLMO2("Olmo2ForCausalLM"),
        OLMO3("Olmo3ForCausalLM");

        private final ServedClasses classes;

        Generation(String name) {
            classes = ServedClasses.of(name, Model.Task.CAUSAL_LM);
        }
    }

    private final Generation generation;

    Olmo2(Generation generation) {
        this.generation = generation;
    }

    @Override
    public Set<String> inertKeys() {
        return Set.of("max_position_embeddings");
    }

    @Override
    public Model build(Config c, StoredTensors stored, GraphBuilder g) {
        CausalDecoder decoder = CausalDecoder.of(c, stored, generation.classes);
        AttentionShape shape = AttentionShape.of(c);
        double epsilon = c.number(1e-5, "rms_norm_eps");
        boolean bias = c.flag(false, "attention_bias");
        List<Boolean> windowed =
                switch (generation) {
                    case OLMO2 -> Windows.nowhere(decoder.layers());
                    case OLMO3 -> Windows.sliding(c, decoder.layers(), layer -> (layer + 1) % 4 != 0);
                };
        List<Reach> reaches = Windows.where(c, windowed, OptionalInt.of(Windows.ABSENT));
        DecoderBlock far = new DecoderBlock(
                Norm.rms(epsilon),
                GroupedAttention.of(shape, rope(c, Windows.FULL, shape.headDim()))
                        .biased(bias, bias)
                        .beforeTurning((s, which, x) -> s.rmsNorm(which + "_norm", x, epsilon)),
                GatedMlp.of(c));
        DecoderBlock near = far.with(far.attention().turnedBy(rope(c, Windows.SLIDING, shape.headDim())));
        return decoder.build(g, far.norm(), (layer, index, x) -> (windowed.get(index) ? near : far)
                .postNorm(layer, x, shape.causal(reaches.get(index))));
    }

    private RotaryTable rope(Config c, String kind, int headDim) {
        return switch (generation) {
            case OLMO2 -> Rope.whole(c, headDim);
            case OLMO3 -> Rope.ofKind(c, kind, headDim, 5e5, "rope_theta");
        };
    }
}
