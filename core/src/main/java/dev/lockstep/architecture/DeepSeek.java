package dev.lockstep.architecture;

import dev.lockstep.checkpoint.Config;
import dev.lockstep.graph.GraphBuilder;
import dev.lockstep.graph.Model;
import dev.lockstep.graph.Routing;
import java.util.Optional;
import java.util.Set;

/**
 * DeepSeek-V2 and V3 (2024): latent attention and mixtures beside shared experts, routed by softmax in V2, by corrected
 * sigmoids in V3. Layers that predict further tokens are not read.
 */
final class DeepSeek implements Architecture {

    /** What distinguishes the generations. */
    enum Generation {
        V2("DeepseekV2ForCausalLM"),
        V3("DeepseekV3ForCausalLM");

        private final ServedClasses classes;

        Generation(String name) {
            classes = ServedClasses.of(name, Model.Task.CAUSAL_LM);
        }
    }

    private static final LatentAttention.Absent ABSENT = new LatentAttention.Absent(1536, 512, 128, 64, 128);

    private final Generation generation;

    DeepSeek(Generation generation) {
        this.generation = generation;
    }

    @Override
    public Set<String> inertKeys() {
        return Set.of(
                "auto_map",
                "aux_loss_alpha",
                "ep_size",
                "head_dim",
                "max_position_embeddings",
                "norm_topk_prob",
                "num_nextn_predict_layers",
                "num_mtp_layers",
                "output_router_logits",
                "qk_head_dim",
                "rope_interleave",
                "router_aux_loss_coef",
                "seq_aux");
    }

    @Override
    public Model build(Config c, StoredTensors stored, GraphBuilder g) {
        CausalDecoder decoder = CausalDecoder.of(c, stored, generation.classes);
        Norm norm = Norm.rms(c.number(1e-6, "rms_norm_eps"));
        LatentAttention attention =
                LatentAttention.of(c, generation == Generation.V2 || c.flag(true, "rope_interleave"), ABSENT);
        DenseThenSparse feeds =
                switch (generation) {
                    case V2 ->
                        DenseThenSparse.of(c, stored, routingOfV2(c), 0, 2).biased(c.flag(false, "mlp_bias"));
                    case V3 -> DenseThenSparse.of(c, stored, routingOfV3(c), 3, 1);
                };
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

    /** The best of all, or of the best groups; weights are not divided by their sum, whatever the config says. */
    private static Routing routingOfV2(Config c) {
        Fixed.text(c, "softmax", "scoring_func", "what this generation's routers use");
        ExpertCounts counts = ExpertCounts.of(c, 64, 6, "n_routed_experts", "num_experts");
        String method = c.text("topk_method").orElse("greedy");
        Optional<Routing.Groups> groups =
                switch (method) {
                    case "greedy" -> Optional.empty();
                    case "group_limited_greedy" -> counts.groups(c, 1, 1, Routing.Groups.Score.BEST);
                    default -> throw c.wrong(method, "greedy or group_limited_greedy", "topk_method");
                };
        c.has("n_group");
        c.has("topk_group");
        double factor = c.number(1, "routed_scaling_factor");
        return new Routing(counts.experts(), counts.chosen(), new Routing.Softmax(), groups, false, false, factor);
    }

    private static Routing routingOfV3(Config c) {
        Fixed.text(c, "sigmoid", "scoring_func", "what this generation's routers use");
        Fixed.text(c, "noaux_tc", "topk_method", "what this generation's routers use");
        return correctedSigmoid(
                c, ExpertCounts.of(c, 256, 8, "n_routed_experts", "num_local_experts"), 8, 4, true, 2.5);
    }

    /**
     * Sigmoids, corrected for the choice alone, from the best groups by their two best.
     *
     * @param absentGroups what a config without {@code n_group} means
     * @param absentKept the same of {@code topk_group}
     * @param absentDivided the same of {@code norm_topk_prob}
     * @param absentFactor the same of {@code routed_scaling_factor}
     */
    static Routing correctedSigmoid(
            Config c,
            ExpertCounts counts,
            int absentGroups,
            int absentKept,
            boolean absentDivided,
            double absentFactor) {
        return new Routing(
                counts.experts(),
                counts.chosen(),
                new Routing.Sigmoid(),
                counts.groups(c, absentGroups, absentKept, Routing.Groups.Score.BEST_TWO),
                true,
                c.flag(absentDivided, "norm_topk_prob"),
                c.number(absentFactor, "routed_scaling_factor"));
    }
}
