package dev.lockstep.architecture;

import dev.lockstep.checkpoint.Config;
import dev.lockstep.graph.GraphBuilder;
import dev.lockstep.graph.Model;
import java.util.Set;

/**
 * GLM-4.7-Flash (2026): DeepSeek-V3's latent attention, and mixtures routed as its. The layer that predicts a further
 * token is not read.
 */
final class Glm4MoeLite implements Architecture {
    private static final ServedClasses CLASSES = ServedClasses.of("Glm4MoeLiteForCausalLM", Model.Task.CAUSAL_LM);

    @Override
    public Set<String> inertKeys() {
        return Set.of(
                "head_dim",
                "max_position_embeddings",
                "num_mtp_layers",
                "num_nextn_predict_layers",
                "output_router_logits",
                "qk_head_dim",
                "router_aux_loss_coef");
    }

    @Override
    public Model build(Config c, StoredTensors stored, GraphBuilder g) {
        CausalDecoder decoder = CausalDecoder.of(c, stored, CLASSES);
        Fixed.text(c, "sigmoid", "scoring_func", "what this family's routers use");
        Fixed.text(c, "noaux_tc", "topk_method", "what this family's routers use");
        Norm norm = Norm.rms(c.number(1e-5, "rms_norm_eps"));
        LatentAttention attention = LatentAttention.of(
                c, c.flag(true, "rope_interleave"), new LatentAttention.Absent(768, 512, 192, 64, 256));
        ExpertCounts counts = ExpertCounts.of(c, 64, 4, "n_routed_experts", "num_local_experts");
        DenseThenSparse feeds =
                DenseThenSparse.of(c, stored, DeepSeek.correctedSigmoid(c, counts, 1, 1, true, 1.8), 1, 1);
        return decoder.build(
                g,
                norm,
                (layer, index, x) -> PreNorm.layer(
                        layer,
                        x,
                        norm,
                        (s, y, like) -> attention.apply(s.in("self_attn"), y, like),
                        feeds.ofLayer(index)));
    }
}
