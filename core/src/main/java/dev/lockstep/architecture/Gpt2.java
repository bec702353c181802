package dev.lockstep.architecture;

import dev.lockstep.checkpoint.Config;
import dev.lockstep.checkpoint.TensorNames;
import dev.lockstep.checkpoint.WeightExpression;
import dev.lockstep.graph.ActivationFunction;
import dev.lockstep.graph.GraphBuilder;
import dev.lockstep.graph.Model;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.RowAxis;
import dev.lockstep.graph.Scope;
import dev.lockstep.graph.Value;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/**
 * GPT-2 (Radford et al. 2019): learned positions, pre-LayerNorm blocks, one fused projection [q | k | v], matrices stored
 * as [in, out].
 */
final class Gpt2 implements Architecture {
    private static final TensorNames NAMES = TensorNames.prefixes("transformer.", "");
    private static final ServedClasses CLASSES = ServedClasses.of("GPT2LMHeadModel", Model.Task.CAUSAL_LM);

    @Override
    public Set<String> inertKeys() {
        // In fp32 it makes no difference where the scaling is done.
        return InertKeys.gpt("reorder_and_upcast_attn");
    }

    @Override
    public Model build(Config c, StoredTensors stored, GraphBuilder g) {
        Model.Task task = CLASSES.task(c);
        Fixed.flag(c, false, "add_cross_attention", "GPT-2 is served without an encoder beside it");
        int hidden = c.size("n_embd", "hidden_size");
        int heads = c.size("n_head", "num_attention_heads");
        int headDim = AttentionShape.even(c, hidden, heads, "n_head");
        int layers = c.size("n_layer", "num_hidden_layers");
        int positions = c.size("n_positions", "max_position_embeddings");
        int vocabulary = c.size("vocab_size");
        int inner = c.sizeOr(4 * hidden, "n_inner");
        double epsilon = c.number(1e-5, "layer_norm_epsilon");
        ActivationFunction function = Activations.of(c, "gelu_new", "activation_function");
        Scope model = g.root().in("transformer");
        Value x = model.embed("wte", vocabulary, hidden, RowAxis.TARGET)
                .plus(model.positions("wpe", positions, 0, hidden, RowAxis.TARGET));
        int index = 0;
        for (Scope layer : model.layers("h", layers)) {
            Op.Attention op = Attentions.plain(heads, scale(c, headDim, index++), Op.Pattern.CAUSAL);
            x = x.plus(attention(layer.in("attn"), x, layer.layerNorm("ln_1", x, epsilon), op));
            Scope s = layer.in("mlp");
            Value y = layer.layerNorm("ln_2", x, epsilon);
            y = s.activate(s.conv1d("c_fc", y, inner, true), function);
            x = x.plus(s.conv1d("c_proj", y, x, true));
        }
        WeightExpression head = Heads.matrix(c, stored, NAMES, true, model.name("wte.weight"), "lm_head.weight");
        g.root().logits(model.layerNorm("ln_f", x, epsilon), vocabulary, head, null);
        return new Model(task, g.finish(), NAMES, OptionalInt.of(positions), vocabulary);
    }

    private static double scale(Config c, int headDim, int layer) {
        double scale = c.flag(true, "scale_attn_weights") ? 1 / Math.sqrt(headDim) : 1;
        return c.flag(false, "scale_attn_by_inverse_layer_idx") ? scale / (layer + 1) : scale;
    }

    private static Value attention(Scope s, Value x, Value y, Op.Attention op) {
        int hidden = x.width();
        List<Value> parts = s.conv1d("c_attn", y, 3 * hidden, true).split(hidden, hidden, hidden);
        return s.conv1d("c_proj", s.attention(parts.get(0), parts.get(1), parts.get(2), op), x, true);
    }
}
