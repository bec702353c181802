package dev.lockstep.architecture;

import dev.lockstep.checkpoint.Config;
import dev.lockstep.graph.GraphBuilder;
import dev.lockstep.graph.Model;
import dev.lockstep.graph.Reach;
import dev.lockstep.graph.RotaryTable;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/** OLMo 3 (2025): OLMo 2 with windows in three of four layers; only the others stretch their positions. */
final class Olmo3 implements Architecture {
    private static final ServedClasses CLASSES = ServedClasses.of("Olmo3ForCausalLM", Model.Task.CAUSAL_LM);

    @Override
    public Set<String> inertKeys() {
        return Set.of("max_position_embeddings");
    }

    @Override
    public Model build(Config c, StoredTensors stored, GraphBuilder g) {
        CausalDecoder decoder = CausalDecoder.of(c, stored, CLASSES);
        AttentionShape shape = AttentionShape.of(c);
        List<Boolean> windowed = Windows.sliding(c, decoder.layers(), layer -> (layer + 1) % 4 != 0);
        List<Reach> reaches = Windows.where(c, windowed, OptionalInt.of(Windows.ABSENT));
        DecoderBlock far = Olmo2.block(c, shape, rope(c, shape, Windows.FULL));
        DecoderBlock near = far.with(far.attention().turnedBy(rope(c, shape, Windows.SLIDING)));
        return decoder.build(g, far.norm(), (layer, index, x) -> (windowed.get(index) ? near : far)
                .serial(layer, x, shape.causal(reaches.get(index)), DecoderBlock.NormNames.AFTER, 1));
    }

    private static RotaryTable rope(Config c, AttentionShape shape, String kind) {
        return Rope.ofKind(c, kind, shape.headDim(), 5e5, "rope_theta");
    }
}
