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
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/** StarCoder2 (Lozhkov et al. 2024): Llama's attention with biases and a window, layer norms, a plain MLP. */
final class Starcoder2 implements Architecture {
    private static final TensorNames NAMES = TensorNames.prefixes("model.", "");
    private static final ServedClasses CLASSES = ServedClasses.of("Starcoder2ForCausalLM", Model.Task.CAUSAL_LM);
    /** What an absent {@code num_key_value_heads} means. */
    private static final int KEY_VALUE_HEADS = 2;

    @Override
    public Set<String> inertKeys() {
        // Left over from the first StarCoder's configs, beside the keys that count.
        return Set.of(
                "activation_function",
                "attention_softmax_in_fp32",
                "embedding_dropout",
                "layer_norm_epsilon",
                "max_position_embeddings",
                "residual_dropout",
                "scale_attention_softmax_in_fp32");
    }

    @Override
    public Model build(Config c, StoredTensors stored, GraphBuilder g) {
        Model.Task task = CLASSES.task(c);
        Fixed.text(c, "default", "mlp_type", "StarCoder2's feed-forward is not gated");
        Fixed.text(c, "layer_norm", "norm_type", "StarCoder2's norms are layer norms");
        Fixed.flag(c, true, "scale_attn_weights", "StarCoder2 always scales its scores");
        AttentionShape shape = AttentionShape.of(c, KEY_VALUE_HEADS);
        int vocabulary = c.size("vocab_size");
        int inner = c.size("intermediate_size");
        List<Reach> windows = Windows.everywhereIfGiven(c, c.size("num_hidden_layers"));
        double epsilon = c.number(1e-5, "norm_epsilon");
        ActivationFunction function = Activations.of(c, "gelu_pytorch_tanh", "hidden_act");
        boolean bias = c.flag(true, "use_bias");
        GroupedAttention attention =
                GroupedAttention.of(shape, Rope.whole(c, shape.headDim())).biased(bias, bias);
        Op.Attention op = Attentions.causal(shape.heads(), shape.keyValueHeads(), shape.headDim(), windows.get(0));
        Scope model = g.root().in("model");
        Value x = model.embed("embed_tokens", vocabulary, shape.hidden(), RowAxis.TARGET);
        for (Scope layer : model.layers("layers", windows.size())) {
            Value y = layer.layerNorm("input_layernorm", x, epsilon);
            x = x.plus(attention.apply(layer.in("self_attn"), y, x, op));
            y = layer.layerNorm("post_attention_layernorm", x, epsilon);
            x = x.plus(Mlp.plain(layer.in("mlp"), x, y, inner, function, "c_fc", "c_proj", bias));
        }
        WeightExpression head =
                Heads.matrix(c, stored, NAMES, true, model.name("embed_tokens.weight"), "lm_head.weight");
        g.root().logits(model.layerNorm("norm", x, epsilon), vocabulary, head, null);
        return new Model(task, g.finish(), NAMES, OptionalInt.empty(), vocabulary);
    }
}
