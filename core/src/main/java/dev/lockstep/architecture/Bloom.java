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
 * BLOOM (Scao et al. 2022): a norm right after the embedding, linear position biases, one fused projection whose rows are
 * grouped by head as [q k v].
 */
final class Bloom implements Architecture {
    private static final TensorNames NAMES = TensorNames.prefixes("transformer.", "");
    private static final ServedClasses CLASSES = ServedClasses.of("BloomForCausalLM", Model.Task.CAUSAL_LM);

    @Override
    public Set<String> inertKeys() {
        // Positions are not bounded; the rest told the training framework how to compute the same numbers.
        return Set.of(
                "attention_softmax_in_fp32",
                "bias_dropout_fusion",
                "masked_softmax_fusion",
                "max_position_embeddings",
                "offset_alibi",
                "seq_length",
                "skip_bias_add",
                "skip_bias_add_qkv",
                "slow_but_exact");
    }

    @Override
    public Model build(Config c, StoredTensors stored, GraphBuilder g) {
        Model.Task task = CLASSES.task(c);
        // The oldest configs say n_embed, and beside another key it is the one that counts.
        int hidden = c.size("n_embed", "hidden_size");
        int heads = c.size("n_head", "num_attention_heads");
        int headDim = AttentionShape.even(c, hidden, heads, "n_head");
        int layers = c.size("n_layer", "num_hidden_layers");
        int vocabulary = c.size("vocab_size");
        Fixed.number(c, 4.0 * hidden, "n_inner", "BLOOM's feed-forward is four times as wide as the hidden size");
        double epsilon = c.number(1e-5, "layer_norm_epsilon");
        boolean residualFromNorm = c.flag(false, "apply_residual_connection_post_layernorm");
        Op.Attention op = Attentions.plain(heads, 1 / Math.sqrt(headDim), Op.Pattern.CAUSAL, Attentions.alibi(heads));
        Scope model = g.root().in("transformer");
        Value x = model.embed("word_embeddings", vocabulary, hidden, RowAxis.TARGET);
        x = model.layerNorm("word_embeddings_layernorm", x, epsilon);
        for (Scope layer : model.layers("h", layers)) {
            Value y = layer.layerNorm("input_layernorm", x, epsilon);
            Value residual = residualFromNorm ? y : x;
            x = residual.plus(attention(layer.in("self_attention"), x, y, op, headDim));
            y = layer.layerNorm("post_attention_layernorm", x, epsilon);
            residual = residualFromNorm ? y : x;
            x = residual.plus(Mlp.plain(
                    layer.in("mlp"),
                    x,
                    y,
                    4 * hidden,
                    ActivationFunction.GELU_TANH,
                    "dense_h_to_4h",
                    "dense_4h_to_h",
                    true));
        }
        WeightExpression head =
                Heads.matrix(c, stored, NAMES, true, model.name("word_embeddings.weight"), "lm_head.weight");
        g.root().logits(model.layerNorm("ln_f", x, epsilon), vocabulary, head, null);
        return new Model(task, g.finish(), NAMES, OptionalInt.empty(), vocabulary);
    }

    private static Value attention(Scope s, Value x, Value y, Op.Attention op, int headDim) {
        List<Value> parts = s.linear("query_key_value", y, 3 * x.width(), true)
                .unmerge(op.heads(), 3, headDim)
                .splitAxis(1, 1, 1, 1);
        return s.linear("dense", s.attention(parts.get(0), parts.get(1), parts.get(2), op), x, true);
    }
}
