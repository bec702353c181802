package dev.lockstep.architecture;

import dev.lockstep.checkpoint.Config;
import dev.lockstep.graph.ActivationFunction;
import dev.lockstep.graph.GraphBuilder;
import dev.lockstep.graph.Model;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.Reach;
import dev.lockstep.graph.Routing;
import java.util.Set;

/**
 * Granite 3 with experts: a mixture in every layer, and four factors: of embeddings, scores, what is added, and logits (a
 * divisor). Its relative has a feed-forward for all rows beside every mixture.
 */
final class GraniteMoe implements Architecture {

    /** Whether a feed-forward for all rows lies beside the mixtures. */
    enum Relative {
        ALONE("GraniteMoeForCausalLM"),
        SHARED("GraniteMoeSharedForCausalLM");

        private final ServedClasses classes;

        Relative(String name) {
            classes = ServedClasses.of(name, Model.Task.CAUSAL_LM);
        }
    }

    private final Relative relative;

    GraniteMoe(Relative relative) {
        this.relative = relative;
    }

    @Override
    public Set<String> inertKeys() {
        return Set.of("max_position_embeddings", "output_router_logits", "router_aux_loss_coef");
    }

    @Override
    public Model build(Config c, StoredTensors stored, GraphBuilder g) {
        double divisor = Granite.divisor(c);
        CausalDecoder decoder = CausalDecoder.of(c, stored, relative.classes)
                .embeddingsTimes(c.number(1, "embedding_multiplier"))
                .logitsThrough(logits -> logits.times(1 / divisor));
        AttentionShape shape = AttentionShape.of(c);
        boolean bias = c.flag(false, "attention_bias");
        Norm norm = Norm.rms(c.number(1e-6, "rms_norm_eps"));
        GroupedAttention attention =
                GroupedAttention.of(shape, Rope.whole(c, shape.headDim())).biased(bias, bias);
        ExpertCounts counts = ExpertCounts.of(c, 8, 2, "num_local_experts", "num_experts");
        ActivationFunction function = Activations.of(c, "silu", "hidden_act");
        Mixture mixture = Mixture.of(
                        Routing.softmaxOfChosen(counts.experts(), counts.chosen()),
                        function,
                        c.size("intermediate_size"),
                        ExpertTensors.fused("input_linear.weight", "output_linear.weight"))
                .routedBy("router.layer", false);
        PreNorm.Block feed = beside(c, mixture, function);
        Op.Attention op = shape.causal(c.number(1, "attention_multiplier"), Reach.ALL);
        double added = c.number(1, "residual_multiplier");
        return decoder.build(
                g,
                norm,
                (layer, index, x) -> PreNorm.layer(
                        layer, x, norm, (s, y, like) -> attention.apply(s.in("self_attn"), y, like, op), feed, added));
    }

    private PreNorm.Block beside(Config c, Mixture mixture, ActivationFunction function) {
        int inner = relative == Relative.SHARED
                ? c.integer("shared_intermediate_size").orElse(0)
                : 0;
        if (inner < 0) {
            throw c.wrong(inner, "0 or more", "shared_intermediate_size");
        }
        if (inner == 0) {
            return (s, y, like) -> mixture.apply(s.in("block_sparse_moe"), y, like);
        }
        return (s, y, like) -> mixture.apply(s.in("block_sparse_moe"), y, like)
                .plus(Mlp.gatedFused(
                        s.in("shared_mlp"), "input_linear", "output_linear", like, y, inner, function, false));
    }
}
