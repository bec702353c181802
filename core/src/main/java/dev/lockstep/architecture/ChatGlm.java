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
 * ChatGLM from the second generation on (Zeng et al. 2024): neighbouring features turn in the first half of each head,
 * one fused projection of grouped queries, a gated MLP whose first map yields gate and up.
 */
final class ChatGlm implements Architecture {
    private static final TensorNames NAMES = TensorNames.prefixes("transformer.", "");
    private static final ServedClasses CLASSES = ServedClasses.of(
                    "ChatGLMForConditionalGeneration", Model.Task.CAUSAL_LM)
            .and("ChatGLMModel", Model.Task.CAUSAL_LM);
    private static final int HEAD_DIM = 128;
    private static final String FIRST = "the first ChatGLM is another model";

    @Override
    public Set<String> inertKeys() {
        // Precisions and fusions that yield the same numbers, and the length the model was trained on.
        return Set.of(
                "apply_query_key_layer_scaling",
                "attention_softmax_in_fp32",
                "auto_map",
                "bias_dropout_fusion",
                "fp32_residual_connection",
                "prefix_projection",
                "seq_length");
    }

    @Override
    public Model build(Config c, StoredTensors stored, GraphBuilder g) {
        Model.Task task = CLASSES.task(c);
        refuse(c);
        AttentionShape shape = shape(c);
        int vocabulary = c.size("padded_vocab_size", "vocab_size");
        int inner = c.size("ffn_hidden_size");
        boolean bias = c.flag(false, "add_bias_linear");
        boolean residualFromNorm = c.flag(false, "apply_residual_connection_post_layernorm");
        Scope encoder = g.root().in("transformer").in("encoder");
        Value x = g.root()
                .in("transformer")
                .in("embedding")
                .embed("word_embeddings", vocabulary, shape.hidden(), RowAxis.TARGET);
        for (Scope layer : encoder.layers("layers", c.size("num_layers", "num_hidden_layers"))) {
            Value y = norm(c, layer, "input_layernorm", x);
            Value residual = residualFromNorm ? y : x;
            x = residual.plus(attention(c, layer.in("self_attention"), x, y, shape));
            y = norm(c, layer, "post_attention_layernorm", x);
            residual = residualFromNorm ? y : x;
            x = residual.plus(Mlp.gatedFused(
                    layer.in("mlp"), "dense_h_to_4h", "dense_4h_to_h", x, y, inner, ActivationFunction.SILU, bias));
        }
        if (c.flag(true, "post_layer_norm")) {
            x = norm(c, encoder, "final_layernorm", x);
        }
        WeightExpression head = Heads.matrix(
                c,
                stored,
                NAMES,
                false,
                "transformer.embedding.word_embeddings.weight",
                "transformer.output_layer.weight");
        g.root().logits(x, vocabulary, head, null);
        return new Model(task, g.finish(), NAMES, OptionalInt.empty(), vocabulary);
    }

    private static void refuse(Config c) {
        Fixed.flag(c, false, "position_encoding_2d", FIRST);
        if (c.has("inner_hidden_size")) {
            throw c.wrong(c.json().get("inner_hidden_size"), "none: " + FIRST, "inner_hidden_size");
        }
        if (c.has("pre_seq_len")) {
            throw c.wrong(c.json().get("pre_seq_len"), "null: learned prefixes are not served", "pre_seq_len");
        }
        Fixed.number(c, 0, "quantization_bit", "quantised weights are not read yet");
        Fixed.flag(c, true, "original_rope", "neighbouring features turn together");
    }

    private static AttentionShape shape(Config c) {
        int hidden = c.size("hidden_size");
        int heads = c.size("num_attention_heads");
        int headDim = c.json().has("kv_channels") && !c.has("kv_channels")
                ? AttentionShape.even(c, hidden, heads, "num_attention_heads")
                : c.sizeOr(HEAD_DIM, "kv_channels");
        if (headDim % 4 != 0) {
            throw c.wrong(headDim, "a multiple of 4: pairs of features turn in half of each head", "kv_channels");
        }
        int groups = c.sizeOr(1, "multi_query_group_num");
        if (!c.flag(false, "multi_query_attention")) {
            return new AttentionShape(hidden, heads, heads, headDim);
        }
        if (groups > heads || heads % groups != 0) {
            throw c.wrong(groups, "a divisor of num_attention_heads = " + heads, "multi_query_group_num");
        }
        return new AttentionShape(hidden, heads, groups, headDim);
    }

    private static Value attention(Config c, Scope s, Value x, Value y, AttentionShape shape) {
        boolean outputBias = c.flag(false, "add_bias_linear");
        boolean bias = c.flag(false, "add_qkv_bias") || outputBias;
        int headDim = shape.headDim();
        List<Value> parts = c.flag(false, "multi_query_attention")
                ? FusedProjection.blocks(s, "query_key_value", y, shape.queryWidth(), shape.keyValueWidth(), bias)
                : FusedProjection.byHead(s, "query_key_value", y, shape.heads(), headDim, bias);
        double ratio = c.number(1, "rope_ratio");
        if (ratio <= 0) {
            throw c.wrong(ratio, "a positive number", "rope_ratio");
        }
        RotaryTable rope = new RotaryTable(headDim / 2, Rope.THETA * ratio, new RotaryScaling.None());
        Value q = s.rotary(parts.get(0), headDim, true, rope);
        Value k = s.rotary(parts.get(1), headDim, true, rope);
        Op.Attention op = Attentions.causal(shape.heads(), shape.keyValueHeads(), headDim, Reach.ALL);
        return s.linear("dense", s.attention(q, k, parts.get(2), op), x, outputBias);
    }

    private static Value norm(Config c, Scope s, String name, Value x) {
        double epsilon = c.number(1e-5, "layernorm_epsilon");
        return c.flag(true, "rmsnorm") ? s.rmsNorm(name, x, epsilon) : s.layerNorm(name, x, epsilon);
    }
}
