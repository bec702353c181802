package dev.lockstep.architecture;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lockstep.checkpoint.Config;
import dev.lockstep.graph.GraphBuilder;
import dev.lockstep.graph.Model;
import dev.lockstep.graph.Reach;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.IntPredicate;

/**
 * EXAONE 4: norms after attention and feed-forward, and of each head's queries and keys. Where it has windows, the layers
 * that see everything have no positions.
 */
final class Exaone4 implements Architecture {
    private static final ServedClasses CLASSES = ServedClasses.of("Exaone4ForCausalLM", Model.Task.CAUSAL_LM);
    private static final String PATTERN = "sliding_window_pattern";

    @Override
    public Set<String> inertKeys() {
        return Set.of("max_position_embeddings");
    }

    @Override
    public Model build(Config c, StoredTensors stored, GraphBuilder g) {
        CausalDecoder decoder = CausalDecoder.of(c, stored, CLASSES);
        AttentionShape shape = AttentionShape.of(c, 32);
        double epsilon = c.number(1e-5, "rms_norm_eps");
        int layers = decoder.layers();
        boolean hybrid = c.has("sliding_window") || !c.json().has("sliding_window");
        IntPredicate pattern = pattern(c, layers);
        List<Reach> reaches =
                Windows.typed(c, layers, OptionalInt.of(Windows.ABSENT), layer -> hybrid && pattern.test(layer));
        DecoderBlock turned = new DecoderBlock(
                Norm.rms(epsilon),
                GroupedAttention.of(shape, Rope.whole(c, shape.headDim()))
                        .beforeTurning(GroupedAttention.headNorms(shape, epsilon)),
                GatedMlp.of(c));
        DecoderBlock unturned = turned.with(turned.attention().turnedBy(null));
        return decoder.build(g, turned.norm(), (layer, index, x) -> {
            Reach reach = reaches.get(index);
            return (hybrid && !reach.limited() ? unturned : turned)
                    .serial(layer, x, shape.causal(reach), DecoderBlock.NormNames.AFTER, 1);
        });
    }

    /** Layers with a window: all but every so many, or L's in a text of L's and G's that repeats, the last layer never. */
    private static IntPredicate pattern(Config c, int layers) {
        Optional<JsonNode> node = c.node(PATTERN);
        if (node.isPresent() && node.get().isTextual()) {
            String kinds = node.get().textValue();
            if (!kinds.matches("[LG]+")) {
                throw c.wrong(kinds, "a number, or a text of L (window) and G (all)", PATTERN);
            }
            return layer -> layer != layers - 1 && kinds.charAt(layer % kinds.length()) == 'L';
        }
        // The published class writes 0 where there is no window.
        boolean none = node.isPresent()
                ? node.get().isNumber() && node.get().intValue() == 0
                : c.json().has(PATTERN);
        if (none) {
            return layer -> false;
        }
        int period = c.sizeOr(4, PATTERN);
        return layer -> (layer + 1) % period != 0;
    }
}
