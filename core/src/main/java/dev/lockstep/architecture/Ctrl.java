package dev.lockstep.architecture;

import dev.lockstep.checkpoint.Config;
import dev.lockstep.checkpoint.TensorNames;
import dev.lockstep.checkpoint.WeightExpression;
import dev.lockstep.graph.ActivationFunction;
import dev.lockstep.graph.GraphBuilder;
import dev.lockstep.graph.Model;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.Reach;
import dev.lockstep.graph.RowAxis;
import dev.lockstep.graph.Scope;
import dev.lockstep.graph.Value;
import java.util.OptionalInt;
import java.util.Set;

/** CTRL (Keskar et al. 2019): sinusoidal positions, scaled embeddings, pre-norm blocks, a tied head with a bias. */
final class Ctrl implements Architecture {
    /** Of the layers' norms; {@code layer_norm_epsilon} is the last norm's alone. */
    private static final double LAYER_EPSILON = 1e-6;

    private static final TensorNames NAMES = TensorNames.prefixes("transformer.", "");
    private static final ServedClasses CLASSES = ServedClasses.of("CTRLLMHeadModel", Model.Task.CAUSAL_LM);

    @Override
    public Set<String> inertKeys() {
        return InertKeys.gpt("from_tf");
    }

    @Override
    public Model build(Config c, StoredTensors stored, GraphBuilder g) {
        Model.Task task = CLASSES.task(c);
        int hidden = c.size("n_embd", "hidden_size");
        int heads = c.size("n_head", "num_attention_heads");
        int headDim = AttentionShape.even(c, hidden, heads, "n_head");
        if (hidden % 2 != 0) {
            throw c.wrong(hidden, "an even number: half of the features are sines of the position", "n_embd");
        }
        int positions = c.size("n_positions", "max_position_embeddings");
        int vocabulary = c.size("vocab_size");
        int inner = c.size("dff");
        double lastEpsilon = c.number(1e-6, "layer_norm_epsilon");
        Op.Attention op = Attentions.causal(heads, heads, headDim, Reach.ALL);
        Scope model = g.root().in("transformer");
        Value x = model.embed("w", vocabulary, hidden, RowAxis.TARGET)
                .times(Math.sqrt(hidden))
                .plus(model.sinusoids(0, 2.0 / hidden, hidden, RowAxis.TARGET));
        for (Scope layer : model.layers("h", c.size("n_layer", "num_hidden_layers"))) {
            Value y = layer.layerNorm("layernorm1", x, LAYER_EPSILON);
            x = x.plus(attention(layer.in("multi_head_attention"), x, y, op));
            y = layer.layerNorm("layernorm2", x, LAYER_EPSILON);
            x = x.plus(Mlp.plain(layer.in("ffn"), x, y, inner, ActivationFunction.RELU, "0", "2", true));
        }
        WeightExpression head = Heads.matrix(c, stored, NAMES, true, model.name("w.weight"), "lm_head.weight");
        WeightExpression bias = WeightExpression.tensor("lm_head.bias");
        g.root().logits(model.layerNorm("layernorm", x, lastEpsilon), vocabulary, head, bias);
        return new Model(task, g.finish(), NAMES, OptionalInt.of(positions), vocabulary);
    }

    private static Value attention(Scope s, Value x, Value y, Op.Attention op) {
        Value q = s.linear("Wq", y, x.width(), true);
        Value k = s.linear("Wk", y, x.width(), true);
        Value v = s.linear("Wv", y, x.width(), true);
        return s.linear("dense", s.attention(q, k, v, op), x, true);
    }
}
