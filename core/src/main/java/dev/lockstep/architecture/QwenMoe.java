package dev.lockstep.architecture;

import dev.lockstep.checkpoint.Config;
import dev.lockstep.graph.ActivationFunction;
import dev.lockstep.graph.GraphBuilder;
import dev.lockstep.graph.Model;
import dev.lockstep.graph.Reach;
import dev.lockstep.graph.Routing;
import dev.lockstep.graph.Scope;
import dev.lockstep.graph.Value;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Qwen's mixtures of experts: the block of Qwen2 or Qwen3 with experts in some layers; in the former, beside an expert for
 * all rows whose output a gate weighs.
 */
final class QwenMoe implements Architecture {

    /** What distinguishes the generations. */
    enum Generation {
        QWEN2("Qwen2MoeForCausalLM", 16, 60, 4),
        QWEN3("Qwen3MoeForCausalLM", 4, 128, 8);

        private final ServedClasses classes;
        private final int keyValueHeads;
        private final int experts;
        private final int chosen;

        Generation(String name, int keyValueHeads, int experts, int chosen) {
            classes = ServedClasses.of(name, Model.Task.CAUSAL_LM);
            this.keyValueHeads = keyValueHeads;
            this.experts = experts;
            this.chosen = chosen;
        }
    }

    private final Generation generation;

    QwenMoe(Generation generation) {
        this.generation = generation;
    }

    @Override
    public Set<String> inertKeys() {
        return Set.of("max_position_embeddings", "max_window_layers", "output_router_logits", "router_aux_loss_coef");
    }

    @Override
    public Model build(Config c, StoredTensors stored, GraphBuilder g) {
        CausalDecoder decoder = CausalDecoder.of(c, stored, generation.classes);
        double epsilon = c.number(1e-6, "rms_norm_eps");
        AttentionShape shape = AttentionShape.of(c, generation.keyValueHeads);
        GroupedAttention attention = attention(c, shape, epsilon);
        List<Reach> reaches = reaches(c, decoder.layers());
        PreNorm.Block dense = dense(c);
        PreNorm.Block sparse = sparse(c, stored);
        int step = c.sizeOr(1, "decoder_sparse_step");
        List<Integer> denseLayers = c.integers("mlp_only_layers");
        Norm norm = Norm.rms(epsilon);
        return decoder.build(g, norm, (layer, index, x) -> {
            boolean isSparse = !denseLayers.contains(index) && (index + 1) % step == 0;
            return PreNorm.layer(
                    layer,
                    x,
                    norm,
                    (s, y, like) -> attention.apply(s.in("self_attn"), y, like, shape.causal(reaches.get(index))),
                    isSparse ? sparse : dense);
        });
    }

    private GroupedAttention attention(Config c, AttentionShape shape, double epsilon) {
        GroupedAttention plain = GroupedAttention.of(shape, Rope.whole(c, shape.headDim()));
        return switch (generation) {
            case QWEN2 -> plain.biased(c.flag(true, "qkv_bias"), false);
            case QWEN3 -> {
                boolean bias = c.flag(false, "attention_bias");
                yield plain.biased(bias, bias).beforeTurning(GroupedAttention.headNorms(shape, epsilon));
            }
        };
    }

    private List<Reach> reaches(Config c, int layers) {
        int below = c.integer("max_window_layers").orElse(28);
        return Windows.ifUsed(
                c,
                layers,
                OptionalInt.of(Windows.ABSENT),
                layer -> generation == Generation.QWEN3 || (layer % 2 == 0 && layer < below));
    }

    private static PreNorm.Block dense(Config c) {
        GatedMlp mlp = GatedMlp.of(c);
        return (s, y, like) -> mlp.apply(s.in("mlp"), y, like);
    }

    private PreNorm.Block sparse(Config c, StoredTensors stored) {
        ActivationFunction function = Activations.of(c, "silu", "hidden_act");
        ExpertCounts counts =
                ExpertCounts.of(c, generation.experts, generation.chosen, "num_experts", "num_local_experts");
        Mixture mixture = Mixture.of(
                Routing.softmax(counts.experts(), counts.chosen(), c.flag(false, "norm_topk_prob")),
                function,
                c.size("moe_intermediate_size"),
                ExpertTensors.stored(stored, Mlp.GatedNames.LLAMA));
        if (generation == Generation.QWEN3) {
            return (s, y, like) -> mixture.apply(s.in("mlp"), y, like);
        }
        GatedMlp shared = new GatedMlp(c.size("shared_expert_intermediate_size"), function, false, false);
        return (s, y, like) -> mixture.apply(s.in("mlp"), y, like).plus(weighed(shared, s.in("mlp"), y, like));
    }

    /** The expert for all rows, weighed by a gate of its own. */
    private static Value weighed(GatedMlp shared, Scope s, Value y, Value like) {
        Value gate = s.activate(s.linear("shared_expert_gate", y, 1, false), ActivationFunction.SIGMOID);
        return s.scaleRows(shared.apply(s.in("shared_expert"), y, like), gate);
    }
}
