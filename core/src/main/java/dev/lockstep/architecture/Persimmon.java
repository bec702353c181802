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
 * Persimmon (Adept 2023): one fused projection grouped by head, norms of queries and keys, partial rotary positions,
 * squared ReLU.
 */
final class Persimmon implements Architecture {
    private static final TensorNames NAMES = TensorNames.prefixes("model.", "");
    private static final ServedClasses CLASSES = ServedClasses.of("PersimmonForCausalLM", Model.Task.CAUSAL_LM);
    /** What an absent {@code rope_theta} means. */
    private static final double THETA = 25000;

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
        Fixed.number(c, heads, "num_key_value_heads", "Persimmon has as many as heads");
        int vocabulary = c.size("vocab_size");
        int inner = c.size("intermediate_size");
        double epsilon = c.number(1e-5, "layer_norm_eps");
        ActivationFunction function = Activations.of(c, "relu2", "hidden_act");
        RotaryTable rope = Rope.partial(c, headDim, 0.5, THETA);
        GroupedAttention.Touch before =
                c.flag(true, "qk_layernorm") ? HeadNorms.shared(headDim, epsilon) : GroupedAttention.Touch.NONE;
        Op.Attention op = Attentions.causal(heads, heads, headDim, Reach.ALL);
        Scope model = g.root().in("model");
        Value x = model.embed("embed_tokens", vocabulary, hidden, RowAxis.TARGET);
        for (Scope layer : model.layers("layers", c.size("num_hidden_layers"))) {
            Scope s = layer.in("self_attn");
            Value y = layer.layerNorm("input_layernorm", x, epsilon);
            List<Value> parts = FusedProjection.byHead(s, "query_key_value", y, heads, headDim, true);
            Value q = s.rotary(before.of(s, "q", parts.get(0)), headDim, false, rope);
            Value k = s.rotary(before.of(s, "k", parts.get(1)), headDim, false, rope);
            x = x.plus(s.linear("dense", s.attention(q, k, parts.get(2), op), x, true));
            y = layer.layerNorm("post_attention_layernorm", x, epsilon);
            x = x.plus(Mlp.plain(layer.in("mlp"), x, y, inner, function, "dense_h_to_4h", "dense_4h_to_h", true));
        }
        WeightExpression head =
                Heads.matrix(c, stored, NAMES, false, model.name("embed_tokens.weight"), "lm_head.weight");
        g.root().logits(model.layerNorm("final_layernorm", x, epsilon), vocabulary, head, null);
        return new Model(task, g.finish(), NAMES, OptionalInt.empty(), vocabulary);
    }
}
