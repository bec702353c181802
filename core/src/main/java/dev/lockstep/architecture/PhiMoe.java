package dev.lockstep.architecture;

import dev.lockstep.checkpoint.Config;
import dev.lockstep.graph.GraphBuilder;
import dev.lockstep.graph.Model;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.Routing;
import java.util.Optional;
import java.util.Set;

/** Phi-3.5-MoE (Abdin et al. 2024): layer norms, and a router that mixes two experts sparsely (Liu et al. 2023). */
final class PhiMoe implements Architecture {
    private static final ServedClasses CLASSES =
            ServedClasses.of("PhimoeForCausalLM", Model.Task.CAUSAL_LM).and("PhiMoEForCausalLM", Model.Task.CAUSAL_LM);
    private static final int CHOSEN = 2;

    @Override
    public Set<String> inertKeys() {
        return Set.of(
                "auto_map",
                "input_jitter_noise",
                "max_position_embeddings",
                "output_router_logits",
                "router_aux_loss_coef");
    }

    @Override
    public Model build(Config c, StoredTensors stored, GraphBuilder g) {
        CausalDecoder decoder = CausalDecoder.of(c, stored, CLASSES).headBiased(c.flag(false, "lm_head_bias"));
        AttentionShape shape = AttentionShape.of(c, 8);
        boolean bias = c.flag(false, "attention_bias");
        Norm norm = Norm.layer(c.number(1e-5, "rms_norm_eps"));
        GroupedAttention attention =
                GroupedAttention.of(shape, Rope.whole(c, shape.headDim(), 1e6)).biased(bias, bias);
        Mixture mixture = Mixture.of(
                routing(c),
                Activations.of(c, "silu", "hidden_act"),
                c.size("intermediate_size"),
                ExpertTensors.stored(stored, Mixtral.EXPERT));
        Mixture newer = mixture.routedBy("router", false);
        Op.Attention op =
                shape.causal(Windows.everywhereIfGiven(c, decoder.layers()).get(0));
        return decoder.build(g, norm, (layer, index, x) -> {
            String place = Mixtral.place(stored, layer.name("mlp.router.weight"));
            return PreNorm.layer(
                    layer,
                    x,
                    norm,
                    (s, y, like) -> attention.apply(s.in("self_attn"), y, like, op),
                    (s, y, like) -> (place.equals("mlp") ? newer : mixture).apply(s.in(place), y, like));
        });
    }

    private static Routing routing(Config c) {
        ExpertCounts counts = ExpertCounts.of(c, 16, CHOSEN, "num_local_experts", "num_experts");
        if (counts.chosen() != CHOSEN) {
            throw c.wrong(counts.chosen(), CHOSEN + ": the sparse mixer chooses two", "num_experts_per_tok");
        }
        return new Routing(
                counts.experts(),
                CHOSEN,
                new Routing.SparseMixer(c.number(0.01, "router_jitter_noise")),
                Optional.empty(),
                false,
                false,
                1);
    }
}
