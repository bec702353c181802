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

/**
 * The first GPT (Radford et al. 2018): learned positions, a norm after each sublayer and none at the end, matrices stored
 * as [in, out].
 */
final class OpenAiGpt implements Architecture {
    private static final TensorNames NAMES = TensorNames.prefixes("transformer.", "");
    private static final ServedClasses CLASSES = ServedClasses.of("OpenAIGPTLMHeadModel", Model.Task.CAUSAL_LM);

    @Override
    public Set<String> inertKeys() {
        return InertKeys.gpt("n_special", "predict_special_tokens");
    }

    @Override
    public Model build(Config c, StoredTensors stored, GraphBuilder g) {
        Model.Task task = CLASSES.task(c);
        int hidden = c.size("n_embd", "hidden_size");
        int heads = c.size("n_head", "num_attention_heads");
        int headDim = AttentionShape.even(c, hidden, heads, "n_head");
        int positions = c.size("n_positions", "max_position_embeddings");
        int vocabulary = c.size("vocab_size");
        double epsilon = c.number(1e-5, "layer_norm_epsilon");
        ActivationFunction function = function(c);
        Op.Attention op = Attentions.causal(heads, heads, headDim, Reach.ALL);
        Scope model = g.root().in("transformer");
        Value x = model.embed("tokens_embed", vocabulary, hidden, RowAxis.TARGET)
                .plus(model.positions("positions_embed", positions, 0, hidden, RowAxis.TARGET));
        for (Scope layer : model.layers("h", c.size("n_layer", "num_hidden_layers"))) {
            Scope s = layer.in("attn");
            List<Value> parts = s.conv1d("c_attn", x, 3 * hidden, true).split(hidden, hidden, hidden);
            Value attended = s.attention(parts.get(0), parts.get(1), parts.get(2), op);
            x = layer.layerNorm("ln_1", x.plus(s.conv1d("c_proj", attended, x, true)), epsilon);
            s = layer.in("mlp");
            Value y = s.activate(s.conv1d("c_fc", x, 4 * hidden, true), function);
            x = layer.layerNorm("ln_2", x.plus(s.conv1d("c_proj", y, x, true)), epsilon);
        }
        WeightExpression head =
                Heads.matrix(c, stored, NAMES, true, model.name("tokens_embed.weight"), "lm_head.weight");
        g.root().logits(x, vocabulary, head, null);
        return new Model(task, g.finish(), NAMES, OptionalInt.of(positions), vocabulary);
    }

    /** Names of its own: what it calls gelu is the approximation by tanh. */
    private static ActivationFunction function(Config c) {
        String name = c.text("afn").orElse("gelu");
        return switch (name) {
            case "gelu" -> ActivationFunction.GELU_TANH;
            case "relu" -> ActivationFunction.RELU;
            case "silu", "swish" -> ActivationFunction.SILU;
            default -> throw c.wrong("'" + name + "'", "gelu, relu, silu or swish", "afn");
        };
    }
}
