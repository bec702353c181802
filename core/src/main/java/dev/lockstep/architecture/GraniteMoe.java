package dev.lockstep.architecture;

import dev.lockstep.checkpoint.Config;
import dev.lockstep.graph.GraphBuilder;
import dev.lockstep.graph.Model;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.Reach;
import dev.lockstep.graph.Routing;
import java.util.Set;

/**
 * Granite 3 with experts: a mixture in every layer, and four factors: of embeddings, scores, what is added, and logits (a
 * divisor).
 */
final class GraniteMoe implements Architecture {
    private static final ServedClasses CLASSES = ServedClasses.of("GraniteMoeForCausalLM", Model.Task.CAUSAL_LM);

    @Override
    public Set<String> inertKeys() {
        return Set.of("max_position_embeddings", "output_router_logits", "router_aux_loss_coef");
    }

    @Override
    public Model build(Config c, StoredTensors stored, GraphBuilder g) {
        double divisor = Granite.divisor(c);
        CausalDecoder decoder = CausalDecoder.of(c, stored, CLASSES)
                .embeddingsTimes(c.number(1, "embedding_multiplier"))
                .logitsThrough(logits -> logits.times(1 / divisor));
        AttentionShape shape = AttentionShape.of(c);
        boolean bias = c.flag(false, "attention_bias");
        Norm norm = Norm.rms(c.number(1e-6, "rms_norm_eps"));
        GroupedAttention attention =
                GroupedAttention.of(shape, Rope.whole(c, shape.headDim())).biased(bias, bias);
        ExpertCounts counts = ExpertCounts.of(c, 8, 2, "num_local_experts", "num_experts");
        Mixture mixture = Mixture.of(
                        Routing.softmaxOfChosen(counts.experts(), counts.chosen()),
                        Activations.of(c, "silu", "hidden_act"),
                        c.size("intermediate_size"),
                        ExpertTensors.fused("input_linear.weight", "output_linear.weight"))
                .routedBy("router.layer", false);
        Op.Attention op = shape.causal(c.number(1, "attention_multiplier"), Reach.ALL);
        double added = c.number(1, "residual_multiplier");
        return decoder.build(
                g,
                norm,
                (layer, index, x) -> PreNorm.layer(
                        layer,
                        x,
                        norm,
                        (s, y, like) -> attention.apply(s.in("self_attn"), y, like, op),
                        (s, y, like) -> mixture.apply(s.in("block_sparse_moe"), y, like),
                        added));
    }
}
