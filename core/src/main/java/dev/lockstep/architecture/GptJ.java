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
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/**
 * GPT-J and CodeGen (Nijkamp et al. 2022): attention and MLP side by side under one norm, interleaved partial rotary
 * positions, a head with a bias.
 */
final class GptJ implements Architecture {

    /** What distinguishes the two: how queries, keys and values are stored. */
    enum Relative {
        GPT_J("GPTJForCausalLM"),
        CODEGEN("CodeGenForCausalLM");

        private final ServedClasses classes;

        Relative(String className) {
            this.classes = ServedClasses.of(className, Model.Task.CAUSAL_LM);
        }
    }

    private static final TensorNames NAMES = TensorNames.prefixes("transformer.", "");
    /** CodeGen's one projection is stored in so many blocks, each of [queries | values | keys] of its share of heads. */
    private static final int BLOCKS = 4;

    private final Relative relative;

    GptJ(Relative relative) {
        this.relative = relative;
    }

    @Override
    public Set<String> inertKeys() {
        return InertKeys.gpt("max_position_embeddings", "n_positions");
    }

    @Override
    public Model build(Config c, StoredTensors stored, GraphBuilder g) {
        Model.Task task = relative.classes.task(c);
        Fixed.flag(c, true, "rotary", "the family has no other positions");
        Fixed.flag(c, true, "scale_attn_weights", "the family always scales its scores");
        int hidden = c.size("n_embd", "hidden_size");
        int heads = c.size("n_head", "num_attention_heads");
        int headDim = AttentionShape.even(c, hidden, heads, "n_head");
        if (relative == Relative.CODEGEN && heads % BLOCKS != 0) {
            throw c.wrong(heads, "a multiple of " + BLOCKS + ": so many blocks the projection is stored in", "n_head");
        }
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
            List<Value> parts = projected(s, y, heads, headDim);
            Value q = s.rotary(parts.get(0), headDim, true, rope);
            Value k = s.rotary(parts.get(1), headDim, true, rope);
            Value attended = s.linear("out_proj", s.attention(q, k, parts.get(2), op), x, false);
            x = x.plus(attended).plus(Mlp.plain(layer.in("mlp"), x, y, inner, function, "fc_in", "fc_out", true));
        }
        WeightExpression head = Heads.matrix(c, stored, NAMES, false, model.name("wte.weight"), "lm_head.weight");
        WeightExpression bias = WeightExpression.tensor("lm_head.bias");
        g.root().logits(model.layerNorm("ln_f", x, epsilon), vocabulary, head, bias);
        return new Model(task, g.finish(), NAMES, OptionalInt.empty(), vocabulary);
    }

    /** [queries, keys, values]. */
    private List<Value> projected(Scope s, Value y, int heads, int headDim) {
        int width = heads * headDim;
        return switch (relative) {
            case GPT_J ->
                List.of(
                        s.linear("q_proj", y, width, false),
                        s.linear("k_proj", y, width, false),
                        s.linear("v_proj", y, width, false));
            case CODEGEN -> {
                List<Value> parts = s.linear("qkv_proj", y, 3 * width, false)
                        .unmerge(BLOCKS, 3, heads / BLOCKS, headDim)
                        .splitAxis(1, 1, 1, 1);
                yield List.of(parts.get(0), parts.get(2), parts.get(1));
            }
        };
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
