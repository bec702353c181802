package dev.lockstep.architecture;

import dev.lockstep.checkpoint.Config;
import dev.lockstep.graph.GraphBuilder;
import dev.lockstep.graph.Model;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.Reach;
import dev.lockstep.graph.Routing;
import java.util.Set;

/** FlexOlmo (2025): OLMo 2's block, where the feed-forward is OLMoE's mixture. */
final class FlexOlmo implements Architecture {
    private static final ServedClasses CLASSES = ServedClasses.of("FlexOlmoForCausalLM", Model.Task.CAUSAL_LM);

    @Override
    public Set<String> inertKeys() {
        return Set.of("max_position_embeddings", "output_router_logits", "router_aux_loss_coef");
    }

    @Override
    public Model build(Config c, StoredTensors stored, GraphBuilder g) {
        CausalDecoder decoder = CausalDecoder.of(c, stored, CLASSES);
        AttentionShape shape = AttentionShape.of(c);
        double epsilon = c.number(1e-6, "rms_norm_eps");
        boolean bias = c.flag(false, "attention_bias");
        GroupedAttention attention = GroupedAttention.of(shape, Rope.whole(c, shape.headDim(), 500_000))
                .biased(bias, bias)
                .beforeTurning((s, which, x) -> s.rmsNorm(which + "_norm", x, epsilon));
        ExpertCounts counts = ExpertCounts.of(c, 7, 5, "num_experts", "num_local_experts");
        Mixture mixture = Mixture.of(
                Routing.softmax(counts.experts(), counts.chosen(), c.flag(false, "norm_topk_prob")),
                Activations.of(c, "silu", "hidden_act"),
                c.size("intermediate_size"),
                ExpertTensors.stored(stored, Mlp.GatedNames.LLAMA));
        DecoderBlock block = new DecoderBlock(Norm.rms(epsilon), attention, mixture::apply);
        Op.Attention op = shape.causal(Reach.ALL);
        return decoder.build(
                g, block.norm(), (layer, index, x) -> block.serial(layer, x, op, DecoderBlock.NormNames.AFTER, 1));
    }
}
