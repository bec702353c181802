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

/** GPT-BigCode (Allal et al. 2023; StarCoder, Li et al. 2023): GPT-2 with one key-value head, and plain matrices. */
final class GptBigCode implements Architecture {
    private static final TensorNames NAMES = TensorNames.prefixes("transformer.", "");
    private static final ServedClasses CLASSES = ServedClasses.of("GPTBigCodeForCausalLM", Model.Task.CAUSAL_LM);

    @Override
    public Set<String> inertKeys() {
        // How kernels of the reference computed and padded.
        return InertKeys.gpt(
                "attention_softmax_in_fp32",
                "inference_runner",
                "max_batch_size",
                "max_sequence_length",
                "pad_key_length",
                "pre_allocate_kv_cache",
                "scale_attention_softmax_in_fp32",
                "validate_runner_input");
    }

    @Override
    public Model build(Config c, StoredTensors stored, GraphBuilder g) {
        Model.Task task = CLASSES.task(c);
        Fixed.flag(c, false, "add_cross_attention", "the family is served without an encoder beside it");
        int hidden = c.size("n_embd", "hidden_size");
        int heads = c.size("n_head", "num_attention_heads");
        int headDim = AttentionShape.even(c, hidden, heads, "n_head");
        boolean shared = c.flag(true, "multi_query");
        int keyValueHeads = shared ? 1 : heads;
        Fixed.number(c, keyValueHeads, "num_key_value_heads", "multi_query is " + shared);
        int positions = c.size("n_positions", "max_position_embeddings");
        int vocabulary = c.size("vocab_size");
        int inner = c.sizeOr(4 * hidden, "n_inner");
        double epsilon = c.number(1e-5, "layer_norm_epsilon");
        ActivationFunction function = Activations.of(c, "gelu_pytorch_tanh", "activation_function");
        double scale = c.flag(true, "scale_attn_weights") ? 1 / Math.sqrt(headDim) : 1;
        Op.Attention op = new Op.Attention(heads, keyValueHeads, scale, Op.Pattern.CAUSAL);
        Scope model = g.root().in("transformer");
        Value x = model.embed("wte", vocabulary, hidden, RowAxis.TARGET)
                .plus(model.positions("wpe", positions, 0, hidden, RowAxis.TARGET));
        for (Scope layer : model.layers("h", c.size("n_layer", "num_hidden_layers"))) {
            Value y = layer.layerNorm("ln_1", x, epsilon);
            Scope s = layer.in("attn");
            List<Value> parts = shared
                    ? FusedProjection.blocks(s, "c_attn", y, hidden, headDim, true)
                    : FusedProjection.byHead(s, "c_attn", y, heads, headDim, true);
            x = x.plus(s.linear("c_proj", s.attention(parts.get(0), parts.get(1), parts.get(2), op), x, true));
            y = layer.layerNorm("ln_2", x, epsilon);
            x = x.plus(Mlp.plain(layer.in("mlp"), x, y, inner, function, "c_fc", "c_proj", true));
        }
        WeightExpression head = Heads.matrix(c, stored, NAMES, true, model.name("wte.weight"), "lm_head.weight");
        g.root().logits(model.layerNorm("ln_f", x, epsilon), vocabulary, head, null);
        return new Model(task, g.finish(), NAMES, OptionalInt.of(positions), vocabulary);
    }
}
