package dev.lockstep.architecture;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lockstep.checkpoint.Config;
import dev.lockstep.graph.ActivationFunction;
import dev.lockstep.graph.GraphBuilder;
import dev.lockstep.graph.Model;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.Reach;
import dev.lockstep.graph.Routing;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Hunyuan with experts: the dense one's attention, and in every layer a mixture beside an expert for all rows. Layers may
 * choose numbers of experts of their own.
 */
final class HunyuanMoe implements Architecture {
    private static final ServedClasses CLASSES = ServedClasses.of("HunYuanMoEV1ForCausalLM", Model.Task.CAUSAL_LM);

    @Override
    public Set<String> inertKeys() {
        Set<String> keys = new HashSet<>(HunyuanDense.INERT);
        // Capacities and drops are for training; groups and latents are sized, but not used.
        keys.addAll(Set.of(
                "capacity_factor",
                "kv_lora_rank",
                "moe_drop_tokens",
                "moe_random_routing_dropped_token",
                "n_group",
                "output_router_logits",
                "q_lora_rank",
                "qk_nope_head_dim",
                "qk_rope_head_dim",
                "routed_scaling_factor",
                "router_aux_loss_coef",
                "topk_group",
                "v_head_dim"));
        return Set.copyOf(keys);
    }

    @Override
    public Model build(Config c, StoredTensors stored, GraphBuilder g) {
        CausalDecoder decoder = CausalDecoder.of(c, stored, CLASSES);
        AttentionShape shape = AttentionShape.of(c);
        double epsilon = c.number(1e-5, "rms_norm_eps");
        Norm norm = Norm.rms(epsilon);
        GroupedAttention attention = HunyuanDense.attention(c, shape, epsilon);
        Op.Attention op = shape.causal(Reach.ALL);
        List<PreNorm.Block> feeds = feeds(c, stored, decoder.layers());
        return decoder.build(
                g,
                norm,
                (layer, index, x) -> PreNorm.layer(
                        layer,
                        x,
                        norm,
                        (s, y, like) -> attention.apply(s.in("self_attn"), y, like, op),
                        feeds.get(index)));
    }

    private static List<PreNorm.Block> feeds(Config c, StoredTensors stored, int layers) {
        refuseOtherMixtures(c, layers);
        ActivationFunction function = Activations.of(c, "silu", "hidden_act");
        GatedMlp shared = GatedMlp.of(c, function);
        int experts = c.sizeOr(1, "num_experts", "num_local_experts");
        return ofLayers(c, layers, 1, "moe_topk", "num_experts_per_tok").stream()
                .map(chosen -> feed(c, stored, experts, chosen, shared))
                .toList();
    }

    private static PreNorm.Block feed(Config c, StoredTensors stored, int experts, int chosen, GatedMlp shared) {
        ExpertCounts.checked(c, experts, chosen, "moe_topk", "num_experts");
        Mixture mixture = Mixture.of(
                        Routing.softmax(experts, chosen, true),
                        shared.function(),
                        shared.inner(),
                        ExpertTensors.stored(stored, Mlp.GatedNames.LLAMA))
                .routedBy("gate.wg", false);
        return (s, y, like) -> mixture.apply(s.in("mlp"), y, like)
                .plus(shared.apply(s.in("mlp").in("shared_mlp"), y, like));
    }

    private static void refuseOtherMixtures(Config c, int layers) {
        Fixed.flag(c, false, "use_mla", "latent attention is another model's");
        Fixed.flag(c, false, "group_limited_greedy", "experts are chosen among all");
        Fixed.flag(c, true, "norm_topk_prob", "weights are divided by their sum");
        Fixed.flag(c, true, "use_mixed_mlp_moe", "every layer has an expert for all rows");
        Fixed.number(c, 0, "moe_layer_num_skipped", "every layer has a mixture");
        int inner = c.size("intermediate_size");
        ofLayers(c, layers, inner, "moe_intermediate_size").forEach(found -> {
            if (found != inner) {
                throw c.wrong(found, "intermediate_size = " + inner + " in every layer", "moe_intermediate_size");
            }
        });
        ofLayers(c, layers, 1, "num_shared_expert").forEach(found -> {
            if (found != 1) {
                throw c.wrong(found, "1 in every layer", "num_shared_expert");
            }
        });
    }

    /** A number for all layers, or a list of one for each. */
    private static List<Integer> ofLayers(Config c, int layers, int absent, String... keys) {
        List<Integer> found = c.integers(keys);
        if (c.node(keys).filter(JsonNode::isArray).isEmpty()) {
            return Collections.nCopies(layers, found.isEmpty() ? absent : found.get(0));
        }
        if (found.size() != layers) {
            throw c.wrong(found, "a number, or one for each of num_hidden_layers = " + layers, keys);
        }
        return found;
    }
}
