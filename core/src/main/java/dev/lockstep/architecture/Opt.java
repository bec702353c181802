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

/**
 * OPT (Zhang et al. 2022) and what is published in its form (Galactica): learned positions from row 2 on, norms before
 * the sublayers (125m and most) or after them (350m), and in 350m an embedding narrower than the residual stream.
 */
final class Opt implements Architecture {
    private static final double EPSILON = 1e-5;
    private static final TensorNames NAMES = TensorNames.prefixes("model.decoder.", "decoder.", "");
    private static final ServedClasses CLASSES = ServedClasses.of("OPTForCausalLM", Model.Task.CAUSAL_LM);

    @Override
    public Set<String> inertKeys() {
        return Set.of();
    }

    @Override
    public Model build(Config c, StoredTensors stored, GraphBuilder g) {
        Model.Task task = CLASSES.task(c);
        Fixed.flag(c, true, "learned_embeddings", "OPT's positions are learned");
        Fixed.flag(c, false, "scale_embeddings", "OPT's embeddings are not scaled");
        int hidden = c.size("hidden_size");
        int heads = c.size("num_attention_heads");
        int headDim = AttentionShape.even(c, hidden, heads, "num_attention_heads");
        int vocabulary = c.size("vocab_size");
        int embedded = c.sizeOr(hidden, "word_embed_proj_dim");
        int positions = c.size("max_position_embeddings");
        boolean before = c.flag(true, "do_layer_norm_before");
        boolean bias = c.flag(true, "enable_bias");
        boolean affine = c.flag(true, "layer_norm_elementwise_affine");
        ActivationFunction function = Activations.of(c, "relu", "activation_function");
        int inner = c.size("ffn_dim");
        Op.Attention op = Attentions.causal(heads, heads, headDim, Reach.ALL);
        Scope model = g.root().in("model").in("decoder");
        Value x = model.embed("embed_tokens", vocabulary, embedded, RowAxis.TARGET);
        Value tokens = x;
        if (embedded != hidden) {
            x = model.linear("project_in", x, hidden, false);
        }
        x = x.plus(model.positions("embed_positions", positions + 2, 2, hidden, RowAxis.TARGET));
        for (Scope layer : model.layers("layers", c.size("num_hidden_layers"))) {
            Value y = before ? norm(layer, "self_attn_layer_norm", x, affine) : x;
            x = x.plus(Attentions.separate(layer.in("self_attn"), x, y, op, bias));
            x = before ? x : norm(layer, "self_attn_layer_norm", x, affine);
            y = before ? norm(layer, "final_layer_norm", x, affine) : x;
            x = x.plus(Mlp.plain(layer, x, y, inner, function, "fc1", "fc2", bias));
            x = before ? x : norm(layer, "final_layer_norm", x, affine);
        }
        boolean removed = c.flag(false, "_remove_final_layer_norm");
        if (before && !removed) {
            x = norm(model, "final_layer_norm", x, affine);
        }
        if (embedded != hidden) {
            x = model.linear("project_out", x, tokens, false);
        }
        WeightExpression head =
                Heads.matrix(c, stored, NAMES, true, model.name("embed_tokens.weight"), "lm_head.weight");
        g.root().logits(x, vocabulary, head, null);
        return new Model(task, g.finish(), NAMES, OptionalInt.of(positions), vocabulary);
    }

    private static Value norm(Scope s, String name, Value x, boolean affine) {
        return affine ? s.layerNorm(name, x, EPSILON) : s.norm(x, Op.NormKind.LAYER, EPSILON, null, null);
    }
}
