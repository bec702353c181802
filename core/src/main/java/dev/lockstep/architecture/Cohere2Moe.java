package dev.lockstep.architecture;

import dev.lockstep.checkpoint.Config;
import dev.lockstep.graph.ActivationFunction;
import dev.lockstep.graph.GraphBuilder;
import dev.lockstep.graph.Model;
import dev.lockstep.graph.Reach;
import dev.lockstep.graph.Routing;
import dev.lockstep.graph.Value;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.IntPredicate;

/**
 * Command with experts (Cohere): Command R7B's block, where the feed-forward beside the attention is a mixture in all but
 * the first layers. Those may have positions without a window.
 */
final class Cohere2Moe implements Architecture {
    private static final ServedClasses CLASSES = ServedClasses.of("Cohere2MoeForCausalLM", Model.Task.CAUSAL_LM);
    private static final String JOINED = "shared_expert_combination_strategy";

    @Override
    public Set<String> inertKeys() {
        return Set.of("cache_implementation", "max_position_embeddings", "output_router_logits");
    }

    @Override
    public Model build(Config c, StoredTensors stored, GraphBuilder g) {
        CausalDecoder decoder = Cohere.decoder(c, stored, CLASSES);
        AttentionShape shape = AttentionShape.of(c, c.size("num_attention_heads"), 128);
        Optional<Double> rms = c.number("rms_norm_eps");
        double epsilon = c.number(1e-5, "layer_norm_eps");
        Norm norm = rms.map(Norm::rms).orElse(Norm.layerWithoutShift(epsilon));
        GroupedAttention turned = Cohere.block(c, shape, epsilon, Rope.THETA).attention();
        GroupedAttention unturned = turned.turnedBy(null);
        IntPredicate dense = DenseThenSparse.denseLayers(c, 0);
        int prefixPeriod = c.sizeOr(1, "prefix_dense_sliding_window_pattern");
        List<Reach> reaches = reaches(c, decoder.layers(), prefixPeriod);
        DecoderBlock.FeedForward mixture = mixture(c, stored);
        GatedMlp mlp = dense(c);
        return decoder.build(g, norm, (layer, index, x) -> {
            Reach reach = reaches.get(index);
            boolean turns = reach.limited() || (dense.test(index) && prefixPeriod == 1);
            DecoderBlock block = new DecoderBlock(norm, turns ? turned : unturned, dense.test(index) ? mlp : mixture);
            return block.parallel(layer, x, shape.causal(reach));
        });
    }

    /** The first layers count for themselves. */
    private static List<Reach> reaches(Config c, int layers, int prefixPeriod) {
        int prefix = c.integer("first_k_dense_replace").orElse(0);
        int period = c.sizeOr(4, "sliding_window_pattern");
        return Windows.typed(
                c,
                layers,
                OptionalInt.of(Windows.ABSENT),
                layer -> layer < prefix ? (layer + 1) % prefixPeriod != 0 : (layer - prefix + 1) % period != 0);
    }

    private static GatedMlp dense(Config c) {
        int inner = c.sizeOr(c.size("intermediate_size"), "prefix_dense_intermediate_size");
        return new GatedMlp(inner, Activations.of(c, "silu", "hidden_act"), false, false);
    }

    private static DecoderBlock.FeedForward mixture(Config c, StoredTensors stored) {
        ActivationFunction function = Activations.of(c, "silu", "hidden_act");
        int inner = c.size("intermediate_size");
        Mixture mixture = Mixture.of(routing(c), function, inner, ExpertTensors.stored(stored, Mlp.GatedNames.LLAMA));
        GatedMlp shared = DenseThenSparse.shared(c, "num_shared_experts", 0, inner, function);
        double share = share(c);
        if (shared == null) {
            return mixture::apply;
        }
        return (s, y, like) -> {
            Value sum = mixture.apply(s, y, like).plus(shared.apply(s.in("shared_experts"), y, like));
            return sum.times(share);
        };
    }

    private static double share(Config c) {
        String joined = c.text(JOINED).orElse("average");
        return switch (joined) {
            case "sum" -> 1;
            case "average" -> 0.5;
            default -> throw c.wrong(joined, "sum or average", JOINED);
        };
    }

    private static Routing routing(Config c) {
        ExpertCounts counts = ExpertCounts.of(c, 8, 2, "num_experts", "num_local_experts");
        boolean divided = c.flag(true, "norm_topk_prob");
        String scores = c.text("expert_selection_fn").orElse("softmax");
        return switch (scores) {
            case "softmax" -> Routing.softmaxOfChosen(counts.experts(), counts.chosen());
            case "sigmoid" ->
                new Routing(
                        counts.experts(), counts.chosen(), new Routing.Sigmoid(), Optional.empty(), false, divided, 1);
            default -> throw c.wrong(scores, "softmax or sigmoid", "expert_selection_fn");
        };
    }
}
