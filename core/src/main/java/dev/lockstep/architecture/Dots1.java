package dev.lockstep.architecture;

import dev.lockstep.checkpoint.Config;
import dev.lockstep.graph.GraphBuilder;
import dev.lockstep.graph.Model;
import dev.lockstep.graph.Reach;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/** dots.llm1 (2025): Qwen3's attention, and mixtures beside shared experts, routed as DeepSeek-V3's. */
final class Dots1 implements Architecture {
    private static final ServedClasses CLASSES = ServedClasses.of("Dots1ForCausalLM", Model.Task.CAUSAL_LM);

    @Override
    public Set<String> inertKeys() {
        return Set.of(
                "aux_loss_alpha",
                "ep_size",
                "max_position_embeddings",
                "max_window_layers",
                "output_router_logits",
                "router_aux_loss_coef",
                "seq_aux",
                "use_sliding_window");
    }

    @Override
    public Model build(Config c, StoredTensors stored, GraphBuilder g) {
        CausalDecoder decoder = CausalDecoder.of(c, stored, CLASSES);
        refuseOtherRouters(c);
        AttentionShape shape = AttentionShape.of(c, 32);
        double epsilon = c.number(1e-6, "rms_norm_eps");
        boolean bias = c.flag(false, "attention_bias");
        GroupedAttention attention = GroupedAttention.of(shape, Rope.whole(c, shape.headDim()))
                .biased(bias, bias)
                .beforeTurning(GroupedAttention.headNorms(shape, epsilon));
        // The published class leaves both sizes to the config.
        int experts = c.size("n_routed_experts", "num_local_experts");
        int chosen = c.size("num_experts_per_tok");
        ExpertCounts counts = ExpertCounts.of(c, experts, chosen, "n_routed_experts", "num_local_experts");
        DenseThenSparse feeds =
                DenseThenSparse.of(c, stored, DeepSeek.correctedSigmoid(c, counts, 1, 1, false, 1), 0, 0);
        int upper = c.integer("max_window_layers").orElse(62);
        List<Reach> reaches =
                Windows.typed(c, decoder.layers(), OptionalInt.of(Windows.ABSENT), layer -> layer >= upper);
        Norm norm = Norm.rms(epsilon);
        return decoder.build(
                g,
                norm,
                (layer, index, x) -> PreNorm.layer(
                        layer,
                        x,
                        norm,
                        (s, y, like) -> attention.apply(s.in("self_attn"), y, like, shape.causal(reaches.get(index))),
                        feeds.ofLayer(index)));
    }

    /** The first published configs call the scores by the name of the choice. */
    private static void refuseOtherRouters(Config c) {
        String scores = c.text("scoring_func").orElse("sigmoid");
        if (!scores.equals("sigmoid") && !scores.equals("noaux_tc")) {
            throw c.wrong(scores, "sigmoid or noaux_tc: what this family's routers use", "scoring_func");
        }
        Fixed.text(c, "noaux_tc", "topk_method", "what this family's routers use");
    }
}
