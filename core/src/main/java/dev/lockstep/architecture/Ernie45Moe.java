package dev.lockstep.architecture;

import dev.lockstep.checkpoint.Config;
import dev.lockstep.checkpoint.WeightExpression;
import dev.lockstep.graph.ActivationFunction;
import dev.lockstep.graph.GraphBuilder;
import dev.lockstep.graph.Model;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.Reach;
import dev.lockstep.graph.Routing;
import dev.lockstep.graph.Scope;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntPredicate;

/**
 * ERNIE 4.5 with experts: the dense one's attention, and mixtures beside shared experts, routed by softmax with a
 * correction for the choice. The layer that predicts a further token is not read.
 */
final class Ernie45Moe implements Architecture {
    private static final ServedClasses CLASSES = ServedClasses.of("Ernie4_5_MoeForCausalLM", Model.Task.CAUSAL_LM);

    @Override
    public Set<String> inertKeys() {
        return Set.of(
                "max_position_embeddings",
                "max_sequence_length",
                "moe_aux_loss_lambda",
                "moe_capacity",
                "moe_orthogonal_loss_lambda",
                "moe_z_loss_lambda",
                "num_nextn_predict_layers",
                "output_router_logits",
                "router_aux_loss_coef",
                "use_flash_attention");
    }

    @Override
    public Model build(Config c, StoredTensors stored, GraphBuilder g) {
        refuseOthers(c);
        boolean bias = c.flag(false, "use_bias");
        CausalDecoder decoder =
                CausalDecoder.of(c, stored, CLASSES).tiedByDefault().headBiased(bias);
        AttentionShape shape = AttentionShape.of(c, 4);
        GroupedAttention attention = GroupedAttention.of(shape, Rope.whole(c, shape.headDim(), 500_000))
                .interleavedPairs()
                .biased(bias, bias);
        DenseThenSparse feeds = feeds(c, stored, bias, decoder.layers());
        Norm norm = Norm.rms(c.number(1e-5, "rms_norm_eps"));
        Op.Attention op = shape.causal(Reach.ALL);
        return decoder.build(
                g,
                norm,
                (layer, index, x) -> PreNorm.layer(
                        layer,
                        x,
                        norm,
                        (s, y, like) -> attention.apply(s.in("self_attn"), y, like, op),
                        feeds.ofLayer(index)));
    }

    private static void refuseOthers(Config c) {
        Fixed.number(c, 1, "compression_ratio", "positions are not compressed");
        Fixed.flag(c, true, "use_rmsnorm", "this family's norms remove no mean");
        Fixed.text(c, "topk", "moe_gate", "the best experts of each row are chosen");
        Fixed.flag(c, true, "moe_use_aux_free", "this family's routers have a correction");
        double least = c.number(1e-12, "moe_norm_min");
        if (least > 1e-6) {
            throw c.wrong(least, "at most 1e-6: a bound that no sum of weights meets", "moe_norm_min");
        }
    }

    private static DenseThenSparse feeds(Config c, StoredTensors stored, boolean bias, int layers) {
        ActivationFunction function = Activations.of(c, "silu", "hidden_act");
        int inner = c.sizeOr(1536, "moe_intermediate_size");
        int experts = c.sizeOr(64, "moe_num_experts", "num_experts");
        int chosen = c.sizeOr(6, "moe_k", "num_experts_per_tok");
        ExpertCounts.checked(c, experts, chosen, "moe_k", "moe_num_experts");
        Routing routing = new Routing(experts, chosen, new Routing.Softmax(), Optional.empty(), true, true, 1);
        Mixture mixture = Mixture.of(routing, function, inner, ExpertTensors.stored(stored, Mlp.GatedNames.LLAMA))
                .correctedBy(Ernie45Moe::correction);
        GatedMlp shared = DenseThenSparse.shared(c, "moe_num_shared_experts", 2, inner, function);
        return new DenseThenSparse(denseLayers(c, layers), GatedMlp.of(c, function), mixture, shared).biased(bias);
    }

    private static IntPredicate denseLayers(Config c, int layers) {
        int first = c.integer("moe_layer_start_index").orElse(1);
        int end = c.integer("moe_layer_end_index").orElse(-1);
        int last = end == -1 ? layers - 1 : end;
        int interval = c.sizeOr(1, "moe_layer_interval");
        return layer -> layer < first || layer > last || (layer + 1) % interval != 0;
    }

    /** Stored as [1, experts]. */
    private static WeightExpression correction(Scope s, Mixture mixture) {
        int experts = mixture.routing().experts();
        return new WeightExpression.Reshaped(
                WeightExpression.tensor(s.name("moe_statics.e_score_correction_bias")),
                List.of(1, experts),
                List.of(experts));
    }
}
