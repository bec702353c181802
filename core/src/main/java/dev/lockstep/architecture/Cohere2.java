package dev.lockstep.architecture;

import dev.lockstep.checkpoint.Config;
import dev.lockstep.graph.GraphBuilder;
import dev.lockstep.graph.Model;
import dev.lockstep.graph.Reach;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/** Command R7B and Command A (Cohere): Command R's block; layers without a window have no positions either. */
final class Cohere2 implements Architecture {
    private static final ServedClasses CLASSES = ServedClasses.of("Cohere2ForCausalLM", Model.Task.CAUSAL_LM);

    @Override
    public Set<String> inertKeys() {
        return Set.of(
                "_sliding_window_pattern",
                "cache_implementation",
                "layer_switch",
                "max_position_embeddings",
                "use_parallel_embedding");
    }

    @Override
    public Model build(Config c, StoredTensors stored, GraphBuilder g) {
        refuseOtherBlocks(c);
        CausalDecoder decoder = Cohere.decoder(c, stored, CLASSES);
        AttentionShape shape = AttentionShape.of(c);
        DecoderBlock turned = Cohere.block(c, shape, c.number(1e-5, "layer_norm_eps"), Rope.THETA);
        DecoderBlock unturned = turned.with(turned.attention().turnedBy(null));
        int period = c.sizeOr(4, "sliding_window_pattern");
        List<Reach> reaches =
                Windows.typed(c, decoder.layers(), OptionalInt.of(Windows.ABSENT), layer -> (layer + 1) % period != 0);
        return decoder.build(g, turned.norm(), (layer, index, x) -> {
            Reach reach = reaches.get(index);
            return (reach.limited() ? turned : unturned).parallel(layer, x, shape.causal(reach));
        });
    }

    /** Published configs spell out what the family's block is. */
    private static void refuseOtherBlocks(Config c) {
        Fixed.text(c, "local_attn_first", "order_of_interleaved_layers", "windows come first");
        Fixed.text(c, "rope_gptj", "position_embedding_type", "neighbouring features turn together");
        Fixed.number(c, 1, "rotary_pct", "this family turns whole heads");
        Fixed.flag(c, true, "use_gated_activation", "this family's feed-forward is gated");
        Fixed.flag(c, true, "use_parallel_block", "attention and feed-forward lie side by side");
        Fixed.flag(c, false, "use_qk_norm", "this family does not norm queries and keys");
        if (c.has("use_embedding_sharing")) {
            Fixed.flag(c, c.flag(true, "tie_word_embeddings"), "use_embedding_sharing", "as tie_word_embeddings says");
        }
    }
}
