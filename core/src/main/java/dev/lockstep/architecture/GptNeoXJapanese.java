package dev.lockstep.architecture;

import dev.lockstep.checkpoint.Config;
import dev.lockstep.checkpoint.TensorNames;
import dev.lockstep.checkpoint.WeightExpression;
import dev.lockstep.graph.ActivationFunction;
import dev.lockstep.graph.GraphBuilder;
import dev.lockstep.graph.Model;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.Reach;
import dev.lockstep.graph.RotaryTable;
import dev.lockstep.graph.RowAxis;
import dev.lockstep.graph.Scope;
import dev.lockstep.graph.Value;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/**
 * GPT-NeoX for Japanese (ABEJA): attention, then feed-forward, with no bias but that of the last layer's attention, whole
 * heads turning, and a tied head.
 */
final class GptNeoXJapanese implements Architecture {
    private static final TensorNames NAMES = TensorNames.prefixes("gpt_neox_japanese.", "");
    private static final ServedClasses CLASSES = ServedClasses.of("GPTNeoXJapaneseForCausalLM", Model.Task.CAUSAL_LM);

    @Override
    public Set<String> inertKeys() {
        return Set.of("max_position_embeddings");
    }

    @Override
    public Model build(Config c, StoredTensors stored, GraphBuilder g) {
        Model.Task task = CLASSES.task(c);
        int hidden = c.size("hidden_size");
        int heads = c.size("num_attention_heads");
        int headDim = AttentionShape.even(c, hidden, heads, "num_attention_heads");
        int vocabulary = c.size("vocab_size");
        int inner = Math.multiplyExact(hidden, c.sizeOr(4, "intermediate_multiple_size"));
        int layers = c.size("num_hidden_layers");
        Norm norm = Norm.layer(c.number(1e-5, "layer_norm_eps"));
        ActivationFunction function = Activations.of(c, "gelu", "hidden_act");
        RotaryTable rope = Rope.partial(c, headDim, 1, Rope.THETA);
        Op.Attention op = Attentions.causal(heads, heads, headDim, Reach.ALL);
        Scope model = g.root().in("gpt_neox_japanese");
        Value x = model.embed("embed_in", vocabulary, hidden, RowAxis.TARGET);
        int left = layers;
        for (Scope layer : model.layers("layers", layers)) {
            boolean last = --left == 0;
            x = x.plus(attention(layer.in("attention"), x, norm.of(layer, "input_layernorm", x), op, rope, last));
            Value y = norm.of(layer, "post_attention_layernorm", x);
            x = x.plus(Mlp.plain(layer.in("mlp"), x, y, inner, function, "dense_h_to_4h", "dense_4h_to_h", false));
        }
        WeightExpression head = Heads.matrix(c, stored, NAMES, true, model.name("embed_in.weight"), "embed_out.weight");
        g.root().logits(norm.of(model, "final_layer_norm", x), vocabulary, head, null);
        return new Model(task, g.finish(), NAMES, OptionalInt.empty(), vocabulary);
    }

    private static Value attention(Scope s, Value x, Value y, Op.Attention op, RotaryTable rope, boolean bias) {
        int headDim = x.width() / op.heads();
        List<Value> parts = FusedProjection.byHead(s, "query_key_value", y, op.heads(), headDim, false);
        Value q = s.rotary(parts.get(0), headDim, false, rope);
        Value k = s.rotary(parts.get(1), headDim, false, rope);
        return s.linear(
                s.attention(q, k, parts.get(2), op),
                x.dim(),
                WeightExpression.tensor(s.name("dense.weight")),
                bias ? WeightExpression.tensor(s.name("dense_bias")) : null);
    }
}
