package dev.lockstep.architecture;

import dev.lockstep.checkpoint.Config;
import dev.lockstep.checkpoint.TensorNames;
import dev.lockstep.checkpoint.WeightExpression;
import dev.lockstep.graph.ActivationFunction;
import dev.lockstep.graph.GraphBuilder;
import dev.lockstep.graph.Model;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.RotaryTable;
import dev.lockstep.graph.RowAxis;
import dev.lockstep.graph.Scope;
import dev.lockstep.graph.Value;
import java.util.OptionalInt;

/**
 * Llama and its relatives (Llama 1 to 3, CodeLlama, Mistral, Qwen2): pre-RMSNorm blocks, rotary grouped-query
 * attention, gated MLP. Touvron et al. 2023; Jiang et al. 2023 for the sliding window.
 */
final class Llama implements Architecture {

    /** What distinguishes the relatives where their configs are silent. */
    enum Relative {
        LLAMA,
        MISTRAL,
        QWEN2
    }

    private final Relative relative;

    Llama(Relative relative) {
        this.relative = relative;
    }

    @Override
    public Model build(Config c, GraphBuilder g) {
        AttentionShape shape = AttentionShape.of(c);
        int vocabulary = c.size("vocab_size");
        int layers = c.size("num_hidden_layers");
        double epsilon = c.number(1e-6, "rms_norm_eps");
        RotaryTable rope = Rope.table(c, shape.headDim());
        Scope model = g.root().in("model");
        Value x = model.embed("embed_tokens", vocabulary, shape.hidden(), RowAxis.TARGET);
        int index = 0;
        for (Scope layer : model.layers("layers", layers)) {
            Value y = layer.rmsNorm("input_layernorm", x, epsilon);
            x = x.plus(attention(layer.in("self_attn"), x, y, shape, rope, c, window(c, index++)));
            y = layer.rmsNorm("post_attention_layernorm", x, epsilon);
            x = x.plus(Mlp.gated(
                    layer.in("mlp"),
                    x,
                    y,
                    c.size("intermediate_size"),
                    activation(c),
                    relative == Relative.LLAMA && c.flag(false, "mlp_bias")));
        }
        boolean tied = c.flag(false, "tie_word_embeddings");
        String head = tied ? "model.embed_tokens.weight" : "lm_head.weight";
        g.root().logits(model.rmsNorm("norm", x, epsilon), vocabulary, WeightExpression.tensor(head), null);
        return new Model(
                Model.Task.CAUSAL_LM, g.finish(), TensorNames.prefixes("model.", ""), OptionalInt.empty(), vocabulary);
    }

    private Value attention(
            Scope s, Value x, Value y, AttentionShape shape, RotaryTable rope, Config c, OptionalInt window) {
        boolean bias = relative == Relative.LLAMA && c.flag(false, "attention_bias");
        boolean queryBias = relative == Relative.QWEN2 || bias;
        Value q = s.linear("q_proj", y, shape.queryWidth(), queryBias);
        Value k = s.linear("k_proj", y, shape.keyValueWidth(), queryBias);
        Value v = s.linear("v_proj", y, shape.keyValueWidth(), queryBias);
        q = s.rotary(q, shape.headDim(), false, rope);
        k = s.rotary(k, shape.headDim(), false, rope);
        Op.Attention op = Attentions.causal(shape.heads(), shape.keyValueHeads(), shape.headDim(), window);
        return s.linear("o_proj", s.attention(q, k, v, op), x, bias);
    }

    private OptionalInt window(Config c, int layer) {
        if (relative == Relative.MISTRAL) {
            return Attentions.window(c, "sliding_window");
        }
        if (relative == Relative.QWEN2
                && c.flag(false, "use_sliding_window")
                && layer >= c.integer("max_window_layers").orElse(28)) {
            return Attentions.window(c, "sliding_window");
        }
        return OptionalInt.empty();
    }

    private static ActivationFunction activation(Config c) {
        return Activations.of(c, "silu", "hidden_act");
    }
}
