package dev.lockstep.architecture;

import dev.lockstep.checkpoint.Config;
import dev.lockstep.graph.GraphBuilder;
import dev.lockstep.graph.Model;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.Reach;
import dev.lockstep.graph.Routing;
import java.util.Set;

/** OLMoE (Muennighoff et al. 2024): a mixture in every layer; norms over all queries and all keys, before they are clipped. */
final class Olmoe implements Architecture {
    private static final ServedClasses CLASSES = ServedClasses.of("OlmoeForCausalLM", Model.Task.CAUSAL_LM);

    @Override
    public Set<String> inertKeys() {
        return Set.of("max_position_embeddings", "output_router_logits", "router_aux_loss_coef");
    }

    @Override
    public Model build(Config c, StoredTensors stored, GraphBuilder g) {
        CausalDecoder decoder = CausalDecoder.of(c, stored, CLASSES);
        AttentionShape shape = AttentionShape.of(c);
        double epsilon = c.number(1e-5, "rms_norm_eps");
        boolean bias = c.flag(false, "attention_bias");
        GroupedAttention.Touch clip = Olmo.clip(c);
        GroupedAttention attention = GroupedAttention.of(shape, Rope.whole(c, shape.headDim()))
                .biased(bias, bias)
                .onceProjected((s, which, x) ->
                        clip.of(s, which, which.equals("v") ? x : s.rmsNorm(which + "_norm", x, epsilon)));
        ExpertCounts counts = ExpertCounts.of(c, 64, 8, "num_experts", "num_local_experts");
        Mixture mixture = Mixture.of(
                Routing.softmax(counts.experts(), counts.chosen(), c.flag(false, "norm_topk_prob")),
                Activations.of(c, "silu", "hidden_act"),
                c.size("intermediate_size"),
                ExpertTensors.stored(stored, Mlp.GatedNames.LLAMA));
        DecoderBlock block = new DecoderBlock(Norm.rms(epsilon), attention, mixture::apply);
        Op.Attention op = shape.causal(Reach.ALL);
        return decoder.build(g, block.norm(), (layer, index, x) -> block.preNorm(layer, x, op));
    }
}
