package dev.lockstep.architecture;

import dev.lockstep.checkpoint.Config;
import dev.lockstep.checkpoint.WeightExpression;
import dev.lockstep.graph.ActivationFunction;
import dev.lockstep.graph.Gating;
import dev.lockstep.graph.GraphBuilder;
import dev.lockstep.graph.Model;
import dev.lockstep.graph.Reach;
import dev.lockstep.graph.RotaryScaling;
import dev.lockstep.graph.RotaryTable;
import dev.lockstep.graph.Routing;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/**
 * GPT-OSS (OpenAI 2025): attention with a learned logit per head that is dropped, windows in every second layer, and a
 * mixture of clamped experts with biases in every layer.
 */
final class GptOss implements Architecture {
    private static final ServedClasses CLASSES = ServedClasses.of("GptOssForCausalLM", Model.Task.CAUSAL_LM);
    private static final double THETA = 150000;

    @Override
    public Set<String> inertKeys() {
        return Set.of(
                "hidden_act",
                "initial_context_length",
                "max_position_embeddings",
                "output_router_logits",
                "router_aux_loss_coef");
    }

    @Override
    public Model build(Config c, StoredTensors stored, GraphBuilder g) {
        CausalDecoder decoder = CausalDecoder.of(c, stored, CLASSES);
        AttentionShape shape = AttentionShape.of(c, 8, 64);
        boolean bias = c.flag(true, "attention_bias");
        Norm norm = Norm.rms(c.number(1e-5, "rms_norm_eps"));
        List<Reach> reaches = Windows.typed(c, decoder.layers(), OptionalInt.of(128), layer -> layer % 2 == 0);
        GroupedAttention attention =
                GroupedAttention.of(shape, rope(c, shape.headDim())).biased(bias, bias);
        ExpertCounts counts = ExpertCounts.of(c, 128, 4, "num_local_experts", "num_experts");
        Mixture mixture = Mixture.of(
                        Routing.softmaxOfChosen(counts.experts(), counts.chosen()),
                        ActivationFunction.SILU,
                        c.size("intermediate_size"),
                        ExpertTensors.columnsInTurns())
                .routedBy("router", true)
                .gatedBy(new Gating.Clamped(positive(c, 7, "swiglu_limit"), positive(c, 1.702, "swiglu_alpha")));
        return decoder.build(
                g,
                norm,
                (layer, index, x) -> PreNorm.layer(
                        layer,
                        x,
                        norm,
                        (s, y, like) -> attention.apply(
                                s.in("self_attn"),
                                y,
                                like,
                                shape.causal(reaches.get(index)).withSinks(),
                                WeightExpression.tensor(s.name("self_attn.sinks"))),
                        (s, y, like) -> mixture.apply(s.in("mlp"), y, like)));
    }

    /** A config that says nothing of positions means the published stretching. */
    private static RotaryTable rope(Config c, int headDim) {
        if (Rope.published(c).isPresent()) {
            return Rope.whole(c, headDim, THETA);
        }
        RotaryScaling stretched = new RotaryScaling.Yarn(32, 4096, 32, 1, false, RopeScaling.magnitude(32, 1));
        return new RotaryTable(headDim, c.number(THETA, "rope_theta"), stretched);
    }

    private static double positive(Config c, double absent, String key) {
        double found = c.number(absent, key);
        if (found <= 0) {
            throw c.wrong(found, "a positive number", key);
        }
        return found;
    }
}
