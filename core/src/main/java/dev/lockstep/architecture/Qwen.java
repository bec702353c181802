package dev.lockstep.architecture;

import dev.lockstep.checkpoint.Config;
import dev.lockstep.checkpoint.TensorNames;
import dev.lockstep.checkpoint.WeightExpression;
import dev.lockstep.graph.ActivationFunction;
import dev.lockstep.graph.GraphBuilder;
import dev.lockstep.graph.Model;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.PositionFactor;
import dev.lockstep.graph.Reach;
import dev.lockstep.graph.RotaryScaling;
import dev.lockstep.graph.RotaryTable;
import dev.lockstep.graph.RowAxis;
import dev.lockstep.graph.Scope;
import dev.lockstep.graph.Value;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * The first Qwen (Bai et al. 2023): Llama's blocks with one fused projection [q | k | v], a rotary base that grows with
 * the prompt, and queries scaled by the logarithm of their position beyond the trained length.
 */
final class Qwen implements Architecture {
    private static final TensorNames NAMES = TensorNames.prefixes("transformer.", "");
    private static final ServedClasses CLASSES = ServedClasses.of("QWenLMHeadModel", Model.Task.CAUSAL_LM);
    /** {@code c_proj(w1(x) * silu(w2(x)))}. */
    private static final Mlp.GatedNames MLP = new Mlp.GatedNames("w2", "w1", "c_proj");

    @Override
    public Set<String> inertKeys() {
        return Set.of(
                "attn_dropout_prob",
                "attn_pdrop",
                "auto_map",
                "bf16",
                "emb_dropout_prob",
                "embd_pdrop",
                "fp16",
                "fp32",
                "max_position_embeddings",
                "n_positions",
                "onnx_safe",
                "params_dtype",
                "resid_pdrop",
                "softmax_in_fp32",
                "use_cache_kernel",
                "use_cache_quantization",
                "use_flash_attn");
    }

    @Override
    public Model build(Config c, StoredTensors stored, GraphBuilder g) {
        Model.Task task = CLASSES.task(c);
        Fixed.flag(c, true, "scale_attn_weights", "Qwen always scales its scores");
        Fixed.text(c, "rotary", "pos_emb", "Qwen has no other positions");
        if (c.has("visual")) {
            throw c.wrong("an object", "none: images are not served", "visual");
        }
        int hidden = c.size("hidden_size", "n_embd");
        int heads = c.size("num_attention_heads", "n_head");
        int headDim = AttentionShape.even(c, hidden, heads, "num_attention_heads");
        Fixed.number(c, headDim, "kv_channels", "heads together are as wide as the hidden size " + hidden);
        int vocabulary = c.size("padded_vocab_size", "vocab_size");
        int inner = c.size("intermediate_size", "ffn_hidden_size");
        if (inner % 2 != 0) {
            throw c.wrong(inner, "an even number: it counts the gate's features and the others", "intermediate_size");
        }
        double epsilon = c.number(1e-6, "layer_norm_epsilon");
        boolean bias = !c.flag(true, "no_bias");
        RotaryTable rope = rope(c, headDim);
        boolean logarithm = c.flag(true, "use_logn_attn");
        Optional<PositionFactor> factor =
                logarithm ? Optional.of(new PositionFactor.LogLength(c.size("seq_length"))) : Optional.empty();
        Op.Attention op = Attentions.causal(heads, heads, headDim, Reach.ALL);
        Scope model = g.root().in("transformer");
        Value x = model.embed("wte", vocabulary, hidden, RowAxis.TARGET);
        for (Scope layer : model.layers("h", c.size("num_hidden_layers", "n_layer"))) {
            Scope s = layer.in("attn");
            Value y = layer.rmsNorm("ln_1", x, epsilon);
            List<Value> parts = FusedProjection.blocks(s, "c_attn", y, hidden, hidden, true);
            Value turned = s.rotary(parts.get(0), headDim, false, rope);
            Value q = factor.map(f -> s.scaleByPosition(turned, f)).orElse(turned);
            Value k = s.rotary(parts.get(1), headDim, false, rope);
            x = x.plus(s.linear("c_proj", s.attention(q, k, parts.get(2), op), x, bias));
            y = layer.rmsNorm("ln_2", x, epsilon);
            x = x.plus(Mlp.gated(layer.in("mlp"), MLP, x, y, inner / 2, ActivationFunction.SILU, bias));
        }
        WeightExpression head = Heads.matrix(c, stored, NAMES, false, model.name("wte.weight"), "lm_head.weight");
        g.root().logits(model.rmsNorm("ln_f", x, epsilon), vocabulary, head, null);
        return new Model(task, g.finish(), NAMES, OptionalInt.empty(), vocabulary);
    }

    private static RotaryTable rope(Config c, int headDim) {
        RotaryTable table = Rope.partial(c, headDim, 1, Rope.THETA);
        boolean grows = c.flag(true, "use_dynamic_ntk");
        if (!grows) {
            return table;
        }
        if (!(table.scaling() instanceof RotaryScaling.None)) {
            throw c.wrong(true, "false beside a rope_scaling", "use_dynamic_ntk");
        }
        if (table.rotated() < 4) {
            throw c.wrong(true, "false where heads turn less than 4 features", "use_dynamic_ntk");
        }
        return new RotaryTable(table.rotated(), table.theta(), new RotaryScaling.PromptNtk(c.size("seq_length")));
    }
}
