package dev.lockstep.architecture;

import dev.lockstep.checkpoint.Config;
import dev.lockstep.checkpoint.TensorNames;
import dev.lockstep.checkpoint.WeightExpression;
import dev.lockstep.graph.ActivationFunction;
import dev.lockstep.graph.GraphBuilder;
import dev.lockstep.graph.Model;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.Reach;
import dev.lockstep.graph.RotaryScaling;
import dev.lockstep.graph.RotaryTable;
import dev.lockstep.graph.RowAxis;
import dev.lockstep.graph.Scope;
import dev.lockstep.graph.Value;
import java.util.OptionalInt;
import java.util.Set;

/** GPT-J: attention and MLP side by side under one norm, interleaved partial rotary positions, a head with a bias. */
final class GptJ implements Architecture {
    private static final TensorNames NAMES = TensorNames.prefixes("transformer.", "");
    private static final ServedClasses CLASSES = ServedClasses.of("GPTJForCausalLM", Model.Task.CAUSAL_LM);

    @Override
    public Set<String> inertKeys() {
        return Set.of(
                "attn_pdrop",
                "embd_pdrop",
                "max_position_embeddings",
                "n_ctx",
                "n_positions",
                "resid_pdrop",
                "summary_activation",
                "summary_first_dropout",
                "summary_proj_to_labels",
                "summary_type",
                "summary_use_proj");
    }

    @Override
    public Model build(Config c, StoredTensors stored, GraphBuilder g) {
        Model.Task task = CLASSES.task(c);
        Fixed.flag(c, true, "rotary", "GPT-J has no other positions");
        Fixed.flag(c, true, "scale_attn_weights", "GPT-J always scales its scores");
        int hidden = c.size("n_embd", "hidden_size");
        int heads = c.size("n_head", "num_attention_heads");
        int headDim = AttentionShape.even(c, hidden, heads, "n_head");
        int vocabulary = c.size("vocab_size");
        int inner = c.sizeOr(4 * hidden, "n_inner");
        double epsilon = c.number(1e-5, "layer_norm_epsilon");
        ActivationFunction function = Activations.of(c, "gelu_new", "activation_function");
        RotaryTable rope = rope(c, headDim);
        Op.Attention op = Attentions.causal(heads, heads, headDim, Reach.ALL);
        Scope model = g.root().in("transformer");
        Value x = model.embed("wte", vocabulary, hidden, RowAxis.TARGET);
        for (Scope layer : model.layers("h", c.size("n_layer", "num_hidden_layers"))) {
            Value y = layer.layerNorm("ln_1", x, epsilon);
            Scope s = layer.in("attn");
            Value q = s.rotary(s.linear("q_proj", y, hidden, false), headDim, true, rope);
            Value k = s.rotary(s.linear("k_proj", y, hidden, false), headDim, true, rope);
            Value v = s.linear("v_proj", y, hidden, false);
            Value attended = s.linear("out_proj", s.attention(q, k, v, op), x, false);
            x = x.plus(attended).plus(Mlp.plain(layer.in("mlp"), x, y, inner, function, "fc_in", "fc_out", true));
        }
        WeightExpression head = Heads.matrix(c, stored, NAMES, false, model.name("wte.weight"), "lm_head.weight");
        WeightExpression bias = WeightExpression.tensor("lm_head.bias");
        g.root().logits(model.layerNorm("ln_f", x, epsilon), vocabulary, head, bias);
        return new Model(task, g.finish(), NAMES, OptionalInt.empty(), vocabulary);
    }

    /** An absent {@code rotary_dim} means 64; null turns the whole head. */
    private static RotaryTable rope(Config c, int headDim) {
        int rotated = c.json().has("rotary_dim") ? c.sizeOr(headDim, "rotary_dim") : 64;
        if (rotated > headDim || rotated % 2 != 0) {
            throw c.wrong(rotated, "an even number of at most n_embd / n_head = " + headDim, "rotary_dim");
        }
        return new RotaryTable(rotated, 10000, new RotaryScaling.None());
    }
}
