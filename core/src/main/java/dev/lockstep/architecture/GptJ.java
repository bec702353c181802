package dev.lockstep.architecture;

import dev.lockstep.checkpoint.Config;
import dev.lockstep.checkpoint.TensorNames;
import dev.lockstep.checkpoint.WeightExpression;
import dev.lockstep.graph.ActivationFunction;
import dev.lockstep.graph.GraphBuilder;
import dev.lockstep.graph.Model;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.RotaryScaling;
import dev.lockstep.graph.RotaryTable;
import dev.lockstep.graph.RowAxis;
import dev.lockstep.graph.Scope;
import dev.lockstep.graph.Value;
import java.util.OptionalInt;

/** GPT-J: attention and MLP side by side under one norm, interleaved partial rotary positions, a head with a bias. */
final class GptJ implements Architecture {

    @Override
    public Model build(Config c, GraphBuilder g) {
        int hidden = c.size("n_embd", "hidden_size");
        int heads = c.size("n_head", "num_attention_heads");
        int headDim = AttentionShape.even(c, hidden, heads, "n_head");
        int vocabulary = c.size("vocab_size");
        int inner = c.sizeOr(4 * hidden, "n_inner");
        double epsilon = c.number(1e-5, "layer_norm_epsilon");
        ActivationFunction function = Activations.of(c, "gelu_new", "activation_function");
        if (c.flag(false, "tie_word_embeddings")) {
            throw c.wrong(true, "false: GPT-J's head has a bias and a matrix of its own", "tie_word_embeddings");
        }
        // A config that says null turns the whole head.
        RotaryTable rope = new RotaryTable(
                c.json().has("rotary_dim") ? c.sizeOr(headDim, "rotary_dim") : 64, 10000, new RotaryScaling.None());
        Scope model = g.root().in("transformer");
        Value x = model.embed("wte", vocabulary, hidden, RowAxis.TARGET);
        for (Scope layer : model.layers("h", c.size("n_layer", "num_hidden_layers"))) {
            Value y = layer.layerNorm("ln_1", x, epsilon);
            Scope s = layer.in("attn");
            Value q = s.rotary(s.linear("q_proj", y, hidden, false), headDim, true, rope);
            Value k = s.rotary(s.linear("k_proj", y, hidden, false), headDim, true, rope);
            Value v = s.linear("v_proj", y, hidden, false);
            Op.Attention op = Attentions.causal(heads, heads, headDim, OptionalInt.empty());
            Value attended = s.linear("out_proj", s.attention(q, k, v, op), x, false);
            x = x.plus(attended).plus(Mlp.plain(layer.in("mlp"), x, y, inner, function, "fc_in", "fc_out", true));
        }
        g.root()
                .logits(
                        model.layerNorm("ln_f", x, epsilon),
                        vocabulary,
                        WeightExpression.tensor("lm_head.weight"),
                        WeightExpression.tensor("lm_head.bias"));
        return new Model(
                Model.Task.CAUSAL_LM,
                g.finish(),
                TensorNames.prefixes("transformer.", ""),
                OptionalInt.empty(),
                vocabulary);
    }
}
