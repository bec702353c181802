package dev.lockstep.architecture;

import dev.lockstep.checkpoint.Config;
import dev.lockstep.graph.ActivationFunction;
import dev.lockstep.graph.GraphBuilder;
import dev.lockstep.graph.Model;
import dev.lockstep.graph.Reach;
import java.util.List;
import java.util.Set;

/**
 * K-EXAONE: EXAONE 4's attention and windows, but norms before attention and feed-forward, and mixtures beside shared
 * experts, routed as DeepSeek-V3's. The layer that predicts a further token is not read.
 */
final class ExaoneMoe implements Architecture {
    private static final ServedClasses CLASSES = ServedClasses.of("ExaoneMoeForCausalLM", Model.Task.CAUSAL_LM);

    @Override
    public Set<String> inertKeys() {
        // The kinds of layers are told again by mlp_layer_types or first_k_dense_replace.
        return Set.of(
                "is_moe_layer",
                "max_position_embeddings",
                "num_nextn_predict_layers",
                "output_router_logits",
                "router_aux_loss_coef");
    }

    @Override
    public Model build(Config c, StoredTensors stored, GraphBuilder g) {
        CausalDecoder decoder = CausalDecoder.of(c, stored, CLASSES);
        Fixed.text(c, "sigmoid", "scoring_func", "what this family's routers use");
        Fixed.text(c, "noaux_tc", "topk_method", "what this family's routers use");
        AttentionShape shape = AttentionShape.of(c, 32);
        double epsilon = c.number(1e-5, "rms_norm_eps");
        boolean hybrid = Exaone4.hybrid(c);
        List<Reach> reaches = Exaone4.reaches(c, decoder.layers());
        GroupedAttention turned = GroupedAttention.of(shape, Rope.whole(c, shape.headDim()))
                .beforeTurning(GroupedAttention.headNorms(shape, epsilon));
        GroupedAttention unturned = turned.turnedBy(null);
        DenseThenSparse feeds = feeds(c, stored);
        Norm norm = Norm.rms(epsilon);
        return decoder.build(g, norm, (layer, index, x) -> {
            Reach reach = reaches.get(index);
            GroupedAttention attention = hybrid && !reach.limited() ? unturned : turned;
            return PreNorm.layer(
                    layer,
                    x,
                    norm,
                    (s, y, like) -> attention.apply(s.in("self_attn"), y, like, shape.causal(reach)),
                    feeds.ofLayer(index));
        });
    }

    private static DenseThenSparse feeds(Config c, StoredTensors stored) {
        ActivationFunction function = Activations.of(c, "silu", "hidden_act");
        int inner = c.sizeOr(1024, "moe_intermediate_size");
        ExpertCounts counts = ExpertCounts.of(c, 64, 8, "num_experts", "num_local_experts");
        Mixture mixture = Mixture.of(
                        DeepSeek.correctedSigmoid(c, counts, 1, 1, true, 2.5),
                        function,
                        inner,
                        ExpertTensors.stored(stored, Mlp.GatedNames.LLAMA))
                .correctedBy(Mixture.Correction::besideExperts);
        return new DenseThenSparse(
                DenseThenSparse.denseLayers(c, 1),
                GatedMlp.of(c, function),
                mixture,
                DenseThenSparse.shared(c, "num_shared_experts", 1, inner, function));
    }
}
