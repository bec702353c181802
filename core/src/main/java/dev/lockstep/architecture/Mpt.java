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
import dev.lockstep.graph.ScoreTerm;
import dev.lockstep.graph.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** MPT (MosaicML 2023): linear biases, one fused projection [q | k | v], by default not a bias or shift anywhere. */
final class Mpt implements Architecture {
    private static final TensorNames NAMES = TensorNames.prefixes("transformer.", "");
    private static final ServedClasses CLASSES =
            ServedClasses.of("MptForCausalLM", Model.Task.CAUSAL_LM).and("MPTForCausalLM", Model.Task.CAUSAL_LM);

    @Override
    public Set<String> inertKeys() {
        // Linear biases need no table of positions; a fraction of the embedding told training what to update.
        return Set.of(
                "auto_map",
                "emb_pdrop",
                "embedding_fraction",
                "fc_type",
                "init_config",
                "init_device",
                "learned_pos_emb",
                "max_seq_len",
                "resid_pdrop",
                "tokenizer_name",
                "use_pad_tok_in_ffn",
                "verbose");
    }

    @Override
    public Model build(Config c, StoredTensors stored, GraphBuilder g) {
        Model.Task task = CLASSES.task(c);
        refuse(c);
        Optional<Config> settings = c.child("attn_config");
        settings.ifPresent(Mpt::refuseAttention);
        int hidden = c.size("d_model", "hidden_size");
        int heads = c.size("n_heads", "num_attention_heads");
        int headDim = AttentionShape.even(c, hidden, heads, "n_heads");
        int vocabulary = c.size("vocab_size");
        double epsilon = c.number(1e-5, "layer_norm_epsilon");
        boolean bias = !c.flag(true, "no_bias");
        double scale = settings.flatMap(s -> s.number("softmax_scale")).orElse(1 / Math.sqrt(headDim));
        Optional<Double> clip = settings.flatMap(Mpt::clip);
        Op.Attention op = Attentions.plain(heads, scale, Op.Pattern.CAUSAL, new ScoreTerm.Alibi(slopes(heads)));
        Scope model = g.root().in("transformer");
        Value x = model.embed("wte", vocabulary, hidden, RowAxis.TARGET);
        for (Scope layer : model.layers("blocks", c.size("n_layers", "num_hidden_layers"))) {
            x = x.plus(attention(layer.in("attn"), x, norm(layer, "norm_1", x, epsilon, bias), op, clip, bias));
            Value y = norm(layer, "norm_2", x, epsilon, bias);
            x = x.plus(Mlp.plain(
                    layer.in("ffn"), x, y, 4 * hidden, ActivationFunction.GELU, "up_proj", "down_proj", bias));
        }
        WeightExpression head = Heads.matrix(c, stored, NAMES, true, model.name("wte.weight"), "lm_head.weight");
        g.root().logits(norm(model, "norm_f", x, epsilon, bias), vocabulary, head, null);
        return new Model(task, g.finish(), NAMES, OptionalInt.empty(), vocabulary);
    }

    private static void refuse(Config c) {
        Fixed.number(c, 4, "expansion_ratio", "MPT's feed-forward is four times as wide as the hidden size");
        if (c.has("logit_scale")) {
            throw c.wrong(c.json().get("logit_scale"), "null: scaled logits are not served", "logit_scale");
        }
        String norm = c.text("norm_type").orElse("layernorm");
        if (!norm.equals("layernorm") && !norm.equals("low_precision_layernorm")) {
            throw c.wrong(norm, "layernorm or low_precision_layernorm", "norm_type");
        }
        c.child("ffn_config").ifPresent(s -> Fixed.text(s, "mptmlp", "ffn_type", "MPT's feed-forward is plain"));
    }

    private static void refuseAttention(Config s) {
        Fixed.flag(s, true, "alibi", "MPT's positions are linear biases");
        Fixed.number(s, 8, "alibi_bias_max", "slopes with another end are not served");
        Fixed.flag(s, false, "qk_ln", "norms of queries and keys are not served");
        Fixed.flag(s, false, "qk_gn", "norms of queries and keys are not served");
        Fixed.flag(s, false, "prefix_lm", "prefixes that see both ways are not served");
        Fixed.flag(s, false, "rope", "MPT's positions are linear biases");
        Fixed.flag(s, false, "attn_uses_sequence_id", "a row is one sequence");
        Fixed.text(s, "multihead_attention", "attn_type", "all heads have keys of their own");
        Fixed.number(s, -1, "sliding_window_size", "MPT sees all keys");
        if (s.has("kv_n_heads")) {
            throw s.wrong(s.json().get("kv_n_heads"), "null: all heads have keys of their own", "kv_n_heads");
        }
    }

    /** A bound on projected values; zero means none, as null does. */
    private static Optional<Double> clip(Config s) {
        Optional<Double> clip = s.number("clip_qkv").filter(bound -> bound != 0);
        if (clip.isPresent() && clip.get() < 0) {
            throw s.wrong(clip.get(), "a positive number, or null", "clip_qkv");
        }
        return clip;
    }

    private static Value attention(Scope s, Value x, Value y, Op.Attention op, Optional<Double> clip, boolean bias) {
        int hidden = x.width();
        Value fused = s.linear("Wqkv", y, 3 * hidden, bias);
        fused = clip.isPresent() ? s.clamp(fused, -clip.get(), clip.get()) : fused;
        List<Value> parts = fused.split(hidden, hidden, hidden);
        return s.linear("out_proj", s.attention(parts.get(0), parts.get(1), parts.get(2), op), x, bias);
    }

    private static Value norm(Scope s, String name, Value x, double epsilon, boolean bias) {
        WeightExpression shift = bias ? WeightExpression.tensor(s.name(name + ".bias")) : null;
        return s.norm(x, Op.NormKind.LAYER, epsilon, WeightExpression.tensor(s.name(name + ".weight")), shift);
    }

    /**
     * Slopes from 2^(-8/n) on for n the next power of two; of a head count that is none, every second slope, then the
     * ones left out: another order than that of {@link Attentions#alibi}.
     */
    private static List<Double> slopes(int heads) {
        int power = Integer.highestOneBit(2 * heads - 1);
        List<Double> slopes = new ArrayList<>();
        int first = power == heads ? 0 : 1;
        int step = power == heads ? 1 : 2;
        for (int start = first; start >= 0; start--) {
            for (int i = start; i < power && slopes.size() < heads; i += step) {
                slopes.add(Math.pow(2, -8.0 * (i + 1) / power));
            }
        }
        return slopes;
    }
}
