package dev.lockstep.architecture;

import dev.lockstep.checkpoint.Config;
import dev.lockstep.graph.GraphBuilder;
import dev.lockstep.graph.Model;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.Reach;
import dev.lockstep.graph.Routing;
import java.util.Optional;
import java.util.Set;

/**
 * MiniMax-M2 (2025): norms over all queries and all keys together, a part of every head turning, and mixtures routed by
 * sigmoids with a correction for the choice. Layers that predict further tokens are not read.
 */
final class MiniMaxM2 implements Architecture {
    private static final ServedClasses CLASSES = ServedClasses.of("MiniMaxM2ForCausalLM", Model.Task.CAUSAL_LM);
    private static final String KINDS = "attn_type_list";

    @Override
    public Set<String> inertKeys() {
        return Set.of(
                "layernorm_full_attention_alpha",
                "layernorm_full_attention_beta",
                "layernorm_linear_attention_alpha",
                "layernorm_linear_attention_beta",
                "layernorm_mlp_alpha",
                "layernorm_mlp_beta",
                "max_model_len",
                "max_position_embeddings",
                "mlp_intermediate_size",
                "mtp_transformer_layers",
                "num_mtp_modules",
                "output_router_logits",
                "router_aux_loss_coef",
                "router_jitter_noise",
                "shared_moe_mode",
                "use_mtp");
    }

    @Override
    public Model build(Config c, StoredTensors stored, GraphBuilder g) {
        CausalDecoder decoder = CausalDecoder.of(c, stored, CLASSES);
        refuseOthers(c);
        AttentionShape shape = AttentionShape.of(c, 8, 128);
        double epsilon = c.number(1e-6, "rms_norm_eps");
        double share = rotated(c, shape.headDim()) / (double) shape.headDim();
        GroupedAttention attention = GroupedAttention.of(shape, Rope.partial(c, shape.headDim(), share, 5e6))
                .beforeTurning((s, which, x) -> s.rmsNorm(which + "_norm", x, epsilon));
        ExpertCounts counts = ExpertCounts.of(c, 256, 8, "num_local_experts", "num_experts");
        Mixture mixture = Mixture.of(
                        new Routing(
                                counts.experts(),
                                counts.chosen(),
                                new Routing.Sigmoid(),
                                Optional.empty(),
                                true,
                                true,
                                1),
                        Activations.of(c, "silu", "hidden_act"),
                        c.size("intermediate_size"),
                        ExpertTensors.stored(stored, Mixtral.EXPERT))
                .correctedBy(Mixture.Correction::besideExperts);
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
                        (s, y, like) ->
                                mixture.apply(s.in(Mixtral.place(stored, s.name("mlp.gate.weight"))), y, like)));
    }

    /** The older spelling of the share of a head that turns. */
    private static int rotated(Config c, int headDim) {
        int rotated = c.sizeOr(headDim, "rotary_dim");
        if (rotated > headDim || rotated % 2 != 0) {
            throw c.wrong(rotated, "an even number of at most head_dim = " + headDim, "rotary_dim");
        }
        return rotated;
    }

    private static void refuseOthers(Config c) {
        Fixed.flag(c, true, "use_qk_norm", "this family always norms queries and keys");
        Fixed.text(c, "per_layer", "qk_norm_type", "all heads are normed together");
        Fixed.flag(c, true, "use_routing_bias", "this family's routers have a correction");
        Fixed.text(c, "sigmoid", "scoring_func", "what this family's routers use");
        Fixed.number(c, 0, "shared_intermediate_size", "no expert serves all rows");
        if (c.integers(KINDS).stream().anyMatch(kind -> kind != 1)) {
            throw c.wrong(c.json().get(KINDS), "1 in every layer: linear attention is not served", KINDS);
        }
    }
}
