package dev.lockstep.architecture;

import dev.lockstep.checkpoint.Config;
import dev.lockstep.checkpoint.TensorNames;
import dev.lockstep.checkpoint.WeightExpression;
import dev.lockstep.graph.ActivationFunction;
import dev.lockstep.graph.Dim;
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
 * Yuan 2.0 (Wu et al. 2023): Llama's blocks where queries and keys see their inputs through a filter over neighbouring
 * tokens, and share their maps head by head.
 */
final class Yuan implements Architecture {
    private static final TensorNames NAMES = TensorNames.prefixes("model.", "");
    private static final ServedClasses CLASSES = ServedClasses.of("YuanForCausalLM", Model.Task.CAUSAL_LM);
    /** Of the filter's norm, whatever the config says. */
    private static final double FILTER_EPSILON = 1e-6;
    /** What an absent {@code eod_token} means. */
    private static final int END = 77185;
    /** The activation is up's, not the gate's. */
    private static final Mlp.GatedNames MLP = new Mlp.GatedNames("up_proj", "gate_proj", "down_proj");

    @Override
    public Set<String> inertKeys() {
        return Set.of(
                "auto_map",
                "eod_token_id",
                "mask_token",
                "max_position_embeddings",
                "model_max_length",
                "sep_token",
                "use_flash_attention",
                "use_loss_mask");
    }

    @Override
    public Model build(Config c, StoredTensors stored, GraphBuilder g) {
        Model.Task task = CLASSES.task(c);
        refuse(c);
        int hidden = c.size("hidden_size");
        int heads = c.size("num_attention_heads");
        int headDim = AttentionShape.even(c, hidden, heads, "num_attention_heads");
        if (hidden % 2 != 0) {
            throw c.wrong(hidden, "an even number: the filter passes through half as many features", "hidden_size");
        }
        Fixed.number(c, heads, "num_key_value_heads", "Yuan has as many as heads");
        int vocabulary = c.size("vocab_size");
        int inner = c.size("intermediate_size");
        double epsilon = c.number(1e-6, "rms_norm_eps");
        ActivationFunction function = Activations.of(c, "silu", "hidden_act");
        RotaryTable rope = Rope.whole(c, headDim);
        Op.Attention op = resets(c, Attentions.causal(heads, heads, headDim, Reach.ALL));
        Scope model = g.root().in("model");
        Value x = model.embed("embed_tokens", vocabulary, hidden, RowAxis.TARGET);
        for (Scope layer : model.layers("layers", c.size("num_hidden_layers"))) {
            Value y = layer.rmsNorm("input_layernorm", x, epsilon);
            x = x.plus(attention(layer.in("self_attn"), x, y, op, rope));
            y = layer.rmsNorm("post_attention_layernorm", x, epsilon);
            x = x.plus(Mlp.gated(layer.in("mlp"), MLP, x, y, inner, function, false));
        }
        WeightExpression head =
                Heads.matrix(c, stored, NAMES, true, model.name("embed_tokens.weight"), "lm_head.weight");
        g.root().logits(model.rmsNorm("norm", x, epsilon), vocabulary, head, null);
        return new Model(task, g.finish(), NAMES, OptionalInt.empty(), vocabulary);
    }

    private static void refuse(Config c) {
        Fixed.flag(c, true, "causal_mask", "Yuan generates from left to right");
        Fixed.flag(c, false, "use_shareqk", "queries and keys have a map each");
        for (String key : List.of("moe_config", "attention_projection_size")) {
            if (c.has(key)) {
                throw c.wrong(c.json().get(key), "none: Yuan with experts is another model", key);
            }
        }
    }

    /** Both flags together hide what lies before an end of document; positions go on. */
    private static Op.Attention resets(Config c, Op.Attention op) {
        boolean positions = c.flag(true, "reset_position_ids");
        boolean mask = c.flag(true, "reset_attention_mask");
        int end = c.integer("eod_token").orElse(END);
        return positions && mask ? op.resetBy(end) : op;
    }

    private static Value attention(Scope s, Value x, Value y, Op.Attention op, RotaryTable rope) {
        int hidden = x.width();
        int headDim = hidden / op.heads();
        Value filtered = filter(s.in("lf_gate"), y);
        Value both = s.concat(s.linear("q_proj", filtered, hidden, false), s.linear("k_proj", filtered, hidden, false));
        // Of the joined features each head takes its query, then its key: early heads both from q_proj.
        List<Value> parts = both.unmerge(op.heads(), 2, headDim).splitAxis(1, 1, 1);
        Value q = s.rotary(parts.get(0), headDim, false, rope);
        Value k = s.rotary(parts.get(1), headDim, false, rope);
        Value v = s.linear("v_proj", y, hidden, false);
        return s.linear("o_proj", s.attention(q, k, v, op), x, false);
    }

    /** Two convolutions over a token and the one before it, beside the input, then a norm. */
    private static Value filter(Scope s, Value y) {
        int hidden = y.width();
        Dim narrow = Dim.fresh(hidden / 2, s.name("conv1 rows"));
        Value inside = convolution(s, "conv1", y, narrow);
        Value out = convolution(s, "conv2", inside, y.dim());
        return s.rmsNorm("output_layernorm", y.plus(out), FILTER_EPSILON);
    }

    /** Stored as [out, in, 2, 1]: what the token before is multiplied by, then what the token is. */
    private static Value convolution(Scope s, String name, Value x, Dim out) {
        WeightExpression taps = WeightExpression.tensor(s.name(name + ".weight"), out.size(), x.width(), 2, 1);
        WeightExpression before = new WeightExpression.Picked(taps, List.of(0, 0));
        WeightExpression now = new WeightExpression.Picked(taps, List.of(1, 0));
        WeightExpression bias = WeightExpression.tensor(s.name(name + ".bias"));
        return s.linear(x, out, now, bias).plus(s.linear(s.previous(x), out, before, null));
    }
}
