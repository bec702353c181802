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
 * Phi 1, 1.5 and 2 (Gunasekar et al. 2023): attention and MLP side by side under one norm, partial rotary positions, a
 * head with a bias.
 */
final class Phi implements Architecture {
    private static final TensorNames NAMES = TensorNames.prefixes("model.", "");
    private static final ServedClasses CLASSES = ServedClasses.of("PhiForCausalLM", Model.Task.CAUSAL_LM);

    @Override
    public Set<String> inertKeys() {
        return Set.of("embd_pdrop", "max_position_embeddings", "resid_pdrop");
    }

    @Override
    public Model build(Config c, StoredTensors stored, GraphBuilder g) {
        Model.Task task = CLASSES.task(c);
        AttentionShape shape = AttentionShape.of(c);
        int headDim = shape.headDim();
        int vocabulary = c.size("vocab_size");
        int inner = c.size("intermediate_size");
        double epsilon = c.number(1e-5, "layer_norm_eps");
        ActivationFunction function = Activations.of(c, "gelu_new", "hidden_act");
        GroupedAttention attention = GroupedAttention.of(shape, Rope.partial(c, headDim, 0.5, Rope.THETA))
                .biased(true, true);
        if (c.flag(false, "qk_layernorm")) {
            attention = attention.beforeTurning(HeadNorms.shared(headDim, epsilon));
        }
        Op.Attention op = Attentions.causal(shape.heads(), shape.keyValueHeads(), headDim, Reach.ALL);
        Scope model = g.root().in("model");
        Value x = model.embed("embed_tokens", vocabulary, shape.hidden(), RowAxis.TARGET);
        for (Scope layer : model.layers("layers", c.size("num_hidden_layers"))) {
            Value y = layer.layerNorm("input_layernorm", x, epsilon);
            Scope s = layer.in("self_attn");
            Value attended = s.linear("dense", attention.attended(s, y, op), x, true);
            x = x.plus(attended).plus(Mlp.plain(layer.in("mlp"), x, y, inner, function, "fc1", "fc2", true));
        }
        WeightExpression head =
                Heads.matrix(c, stored, NAMES, false, model.name("embed_tokens.weight"), "lm_head.weight");
        WeightExpression bias = WeightExpression.tensor("lm_head.bias");
        g.root().logits(model.layerNorm("final_layernorm", x, epsilon), vocabulary, head, bias);
        return new Model(task, g.finish(), NAMES, OptionalInt.empty(), vocabulary);
    }
}
