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
import dev.lockstep.graph.ScoreTerm;
import dev.lockstep.graph.Value;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Falcon (Almazrouei et al. 2023) with its variants: rotary positions or linear biases; one, few or all heads with keys
 * of their own; attention and MLP side by side, under one norm or a norm each, or one after the other.
 */
final class Falcon implements Architecture {

    /** The spellings the family was published under, and what their configs mean that leave a key out. */
    enum Spelling {
        FALCON("FalconForCausalLM"),
        /** Falcon-7B and falcon-rw at first. */
        REFINED_WEB_MODEL("RWForCausalLM"),
        /** Falcon-40B at first: always what is called the new decoder architecture. */
        REFINED_WEB("RWForCausalLM");

        private final ServedClasses classes;

        Spelling(String className) {
            this.classes = ServedClasses.of(className, Model.Task.CAUSAL_LM);
        }
    }

    private static final TensorNames NAMES = TensorNames.prefixes("transformer.", "");

    private final Spelling spelling;

    Falcon(Spelling spelling) {
        this.spelling = spelling;
    }

    @Override
    public Set<String> inertKeys() {
        return Set.of("auto_map", "max_position_embeddings");
    }

    @Override
    public Model build(Config c, StoredTensors stored, GraphBuilder g) {
        Model.Task task = spelling.classes.task(c);
        Fixed.flag(c, false, "apply_residual_connection_post_layernorm", "Falcon's residual is not normalised");
        Layout layout = layout(c);
        int hidden = layout.shape().hidden();
        int vocabulary = c.size("vocab_size");
        int inner = c.sizeOr(4 * hidden, "ffn_hidden_size");
        Fixed.number(c, (double) inner / hidden, "ff_factor", "the feed-forward is " + inner + " wide");
        double epsilon = c.number(1e-5, "layer_norm_epsilon");
        ActivationFunction function = Activations.of(c, "gelu", "activation");
        boolean bias = c.flag(false, "bias");
        Scope model = g.root().in("transformer");
        Value x = model.embed("word_embeddings", vocabulary, hidden, RowAxis.TARGET);
        for (Scope layer : model.layers("h", c.size("num_hidden_layers", "n_layer"))) {
            Value y = layer.layerNorm(layout.norms() == 2 ? "ln_attn" : "input_layernorm", x, epsilon);
            Value attended = x.plus(attention(layer.in("self_attention"), x, y, layout, bias));
            if (!layout.parallel()) {
                y = layer.layerNorm("post_attention_layernorm", attended, epsilon);
            } else if (layout.norms() == 2) {
                y = layer.layerNorm("ln_mlp", x, epsilon);
            }
            x = attended.plus(
                    Mlp.plain(layer.in("mlp"), x, y, inner, function, "dense_h_to_4h", "dense_4h_to_h", bias));
        }
        WeightExpression head =
                Heads.matrix(c, stored, NAMES, true, model.name("word_embeddings.weight"), "lm_head.weight");
        g.root().logits(model.layerNorm("ln_f", x, epsilon), vocabulary, head, null);
        return new Model(task, g.finish(), NAMES, OptionalInt.empty(), vocabulary);
    }

    /**
     * The variant of a checkpoint.
     *
     * @param grouped the new decoder architecture: projections stored by key-value head
     * @param shared one key-value head
     * @param norms before a layer's parallel parts: 1, or 2 for a norm each
     * @param rope positions, or null for linear biases
     */
    private record Layout(
            AttentionShape shape, boolean grouped, boolean shared, boolean parallel, int norms, RotaryTable rope) {}

    private Layout layout(Config c) {
        int hidden = c.size("n_embed", "hidden_size");
        int heads = c.size("num_attention_heads", "n_head");
        int headDim = AttentionShape.even(c, hidden, heads, "num_attention_heads");
        boolean grouped = c.flag(spelling == Spelling.REFINED_WEB, "new_decoder_architecture");
        boolean shared = c.flag(spelling == Spelling.FALCON, "multi_query") && !grouped;
        boolean parallel = c.flag(grouped || spelling == Spelling.FALCON, "parallel_attn");
        if (grouped && !parallel) {
            throw c.wrong(false, "true with new_decoder_architecture", "parallel_attn");
        }
        // Other variants are published with the key too, and do not look at it.
        int published = c.sizeOr(heads, "num_kv_heads", "n_head_kv");
        int keyValueHeads = grouped ? published : shared ? 1 : heads;
        if (keyValueHeads > heads || heads % keyValueHeads != 0) {
            throw c.wrong(keyValueHeads, "a divisor of num_attention_heads = " + heads, "num_kv_heads");
        }
        int norms = c.sizeOr(grouped ? 2 : 1, "num_ln_in_parallel_attn");
        if (norms > (grouped ? 2 : 1)) {
            throw c.wrong(norms, grouped ? "1 or 2" : "1 without new_decoder_architecture", "num_ln_in_parallel_attn");
        }
        RotaryTable rope = c.flag(false, "alibi") ? null : Rope.whole(c, headDim);
        AttentionShape shape = new AttentionShape(hidden, heads, keyValueHeads, headDim);
        return new Layout(shape, grouped, shared, parallel, norms, rope);
    }

    private static Value attention(Scope s, Value x, Value y, Layout layout, boolean bias) {
        AttentionShape shape = layout.shape();
        int headDim = shape.headDim();
        List<Value> parts = layout.shared()
                ? FusedProjection.blocks(s, "query_key_value", y, shape.queryWidth(), headDim, bias)
                : FusedProjection.byGroup(s, "query_key_value", y, shape.heads(), shape.keyValueHeads(), headDim, bias);
        Value q = parts.get(0);
        Value k = parts.get(1);
        Op.Attention op = Attentions.causal(shape.heads(), shape.keyValueHeads(), headDim, Reach.ALL);
        if (layout.rope() == null) {
            // The biases are added before the scores are scaled.
            op = op.plus(
                    new ScoreTerm.RoundedAlibi(Attentions.alibi(shape.heads()).slopes(), op.scale()));
        } else {
            q = s.rotary(q, headDim, false, layout.rope());
            k = s.rotary(k, headDim, false, layout.rope());
        }
        return s.linear("dense", s.attention(q, k, parts.get(2), op), x, bias);
    }
}
