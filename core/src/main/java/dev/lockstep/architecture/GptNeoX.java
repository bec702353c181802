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
 * GPT-NeoX (Black et al. 2022) and Pythia: partial rotary positions, one fused projection grouped by head, attention and
 * MLP side by side under a norm each, or one after the other.
 */
final class GptNeoX implements Architecture {
    private static final TensorNames NAMES = TensorNames.prefixes("gpt_neox.", "");
    private static final ServedClasses CLASSES = ServedClasses.of("GPTNeoXForCausalLM", Model.Task.CAUSAL_LM);

    @Override
    public Set<String> inertKeys() {
        return Set.of("custom_pipelines", "max_position_embeddings");
    }

    @Override
    public Model build(Config c, StoredTensors stored, GraphBuilder g) {
        Model.Task task = CLASSES.task(c);
        int hidden = c.size("hidden_size");
        int heads = c.size("num_attention_heads");
        int headDim = AttentionShape.even(c, hidden, heads, "num_attention_heads");
        int vocabulary = c.size("vocab_size");
        int inner = c.size("intermediate_size");
        double epsilon = c.number(1e-5, "layer_norm_eps");
        boolean parallel = c.flag(true, "use_parallel_residual");
        boolean bias = c.flag(true, "attention_bias");
        ActivationFunction function = Activations.of(c, "gelu", "hidden_act");
        RotaryTable rope = Rope.partial(c, headDim, 0.25, Rope.THETA);
        Op.Attention op = Attentions.causal(heads, heads, headDim, Reach.ALL);
        Scope model = g.root().in("gpt_neox");
        Value x = model.embed("embed_in", vocabulary, hidden, RowAxis.TARGET);
        for (Scope layer : model.layers("layers", c.size("num_hidden_layers"))) {
            Value y = layer.layerNorm("input_layernorm", x, epsilon);
            Value attended = x.plus(attention(layer.in("attention"), x, y, op, rope, bias));
            y = layer.layerNorm("post_attention_layernorm", parallel ? x : attended, epsilon);
            x = attended.plus(
                    Mlp.plain(layer.in("mlp"), x, y, inner, function, "dense_h_to_4h", "dense_4h_to_h", true));
        }
        WeightExpression head =
                Heads.matrix(c, stored, NAMES, false, model.name("embed_in.weight"), "embed_out.weight");
        g.root().logits(model.layerNorm("final_layer_norm", x, epsilon), vocabulary, head, null);
        return new Model(task, g.finish(), NAMES, OptionalInt.empty(), vocabulary);
    }

    private static Value attention(Scope s, Value x, Value y, Op.Attention op, RotaryTable rope, boolean bias) {
        int headDim = x.width() / op.heads();
        List<Value> parts = FusedProjection.byHead(s, "query_key_value", y, op.heads(), headDim, bias);
        Value q = s.rotary(parts.get(0), headDim, false, rope);
        Value k = s.rotary(parts.get(1), headDim, false, rope);
        return s.linear("dense", s.attention(q, k, parts.get(2), op), x, bias);
    }
}
