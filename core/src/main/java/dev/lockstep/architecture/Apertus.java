package dev.lockstep.architecture;

import dev.lockstep.checkpoint.Config;
import dev.lockstep.checkpoint.WeightExpression;
import dev.lockstep.graph.ActivationFunction;
import dev.lockstep.graph.GraphBuilder;
import dev.lockstep.graph.Model;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.Reach;
import dev.lockstep.graph.RotaryScaling;
import dev.lockstep.graph.RotaryTable;
import dev.lockstep.graph.Scope;
import dev.lockstep.graph.Value;
import java.util.List;
import java.util.Set;

/** Apertus (Swiss AI 2025): norms of each head's queries and keys, and a plain feed-forward whose activation is learned. */
final class Apertus implements Architecture {
    private static final ServedClasses CLASSES = ServedClasses.of("ApertusForCausalLM", Model.Task.CAUSAL_LM);
    private static final DecoderBlock.NormNames NORMS =
            new DecoderBlock.NormNames("attention_layernorm", null, "feedforward_layernorm", null);
    private static final String LEARNED = "xielu";
    private static final double THETA = 12e6;

    @Override
    public Set<String> inertKeys() {
        return Set.of("max_position_embeddings");
    }

    @Override
    public Model build(Config c, StoredTensors stored, GraphBuilder g) {
        CausalDecoder decoder = CausalDecoder.of(c, stored, CLASSES);
        Fixed.flag(c, true, "qk_norm", "this family always norms queries and keys");
        Fixed.flag(c, false, "post_norm", "norms come before attention and feed-forward");
        Fixed.flag(c, false, "mlp_bias", "this family's feed-forward has no biases");
        AttentionShape shape = AttentionShape.of(c);
        double epsilon = c.number(1e-5, "rms_norm_eps");
        boolean bias = c.flag(false, "attention_bias");
        DecoderBlock block = new DecoderBlock(
                Norm.rms(epsilon),
                GroupedAttention.of(shape, rope(c, shape.headDim()))
                        .biased(bias, bias)
                        .beforeTurning(GroupedAttention.headNorms(shape, epsilon)),
                feed(c));
        Op.Attention op = shape.causal(Reach.ALL);
        return decoder.build(g, block.norm(), (layer, index, x) -> block.serial(layer, x, op, NORMS, 1));
    }

    /** A config without rotary settings means those of the first models. */
    private static RotaryTable rope(Config c, int headDim) {
        if (Rope.published(c).isPresent()) {
            return Rope.whole(c, headDim, THETA);
        }
        Fixed.number(c, THETA, "rope_theta", "without rope_parameters they are those of the first models");
        return new RotaryTable(headDim, THETA, new RotaryScaling.Llama3(8, 1, 4, 8192));
    }

    private static DecoderBlock.FeedForward feed(Config c) {
        int inner = c.size("intermediate_size");
        String name = c.text("hidden_act").orElse(LEARNED);
        if (!name.equals(LEARNED)) {
            ActivationFunction function = Activations.named(c, name, "hidden_act");
            return (s, y, like) -> Mlp.plain(s, like, y, inner, function, "up_proj", "down_proj", false);
        }
        return (s, y, like) -> {
            Value up = s.xielu(s.linear("up_proj", y, inner, false), shape(s.in("act_fn")));
            return s.linear("down_proj", up, like, false);
        };
    }

    /** Two tensors of one element, and two that are numbers. */
    private static WeightExpression shape(Scope s) {
        return new WeightExpression.Concatenated(
                0, List.of(vector(s, "alpha_p"), vector(s, "alpha_n"), number(s, "beta"), number(s, "eps")));
    }

    private static WeightExpression vector(Scope s, String name) {
        return WeightExpression.tensor(s.name(name), 1);
    }

    private static WeightExpression number(Scope s, String name) {
        return new WeightExpression.Reshaped(WeightExpression.tensor(s.name(name)), List.of(), List.of(1));
    }
}
