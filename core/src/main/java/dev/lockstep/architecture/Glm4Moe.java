package dev.lockstep.architecture;

import dev.lockstep.checkpoint.Config;
import dev.lockstep.graph.GraphBuilder;
import dev.lockstep.graph.Model;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.Reach;
import java.util.Set;

/**
 * GLM-4.5 (2025): grouped attention of which the first half of a head turns, and mixtures routed as DeepSeek-V3's. The
 * layer that predicts a further token is not read.
 */
final class Glm4Moe implements Architecture {
    private static final ServedClasses CLASSES = ServedClasses.of("Glm4MoeForCausalLM", Model.Task.CAUSAL_LM);

    @Override
    public Set<String> inertKeys() {
        return Set.of(
                "max_position_embeddings",
                "num_mtp_layers",
                "num_nextn_predict_layers",
                "output_router_logits",
                "router_aux_loss_coef");
    }

    @Override
    public Model build(Config c, StoredTensors stored, GraphBuilder g) {
        CausalDecoder decoder = CausalDecoder.of(c, stored, CLASSES);
        AttentionShape shape = AttentionShape.of(c, 8);
        double epsilon = c.number(1e-5, "rms_norm_eps");
        GroupedAttention plain = GroupedAttention.of(shape, Rope.partial(c, shape.headDim(), 0.5, Rope.THETA))
                .biased(c.flag(false, "attention_bias"), false);
        GroupedAttention attention =
                c.flag(false, "use_qk_norm") ? plain.beforeTurning(GroupedAttention.headNorms(shape, epsilon)) : plain;
        ExpertCounts counts = ExpertCounts.of(c, 128, 8, "n_routed_experts", "num_local_experts");
        DenseThenSparse feeds = DenseThenSparse.of(c, stored, DeepSeek.correctedSigmoid(c, counts, 1, 1, 1), 1, 1);
        Norm norm = Norm.rms(epsilon);
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
}
