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
 * Nemotron-4 and Minitron (Parmar et al. 2024): grouped queries, partial rotary positions, layer norms whose stored scale
 * counts from 1, squared ReLU.
 */
final class Nemotron implements Architecture {
    private static final TensorNames NAMES = TensorNames.prefixes("model.", "");
    private static final ServedClasses CLASSES = ServedClasses.of("NemotronForCausalLM", Model.Task.CAUSAL_LM);

    @Override
    public Set<String> inertKeys() {
        return Set.of("max_position_embeddings");
    }

    @Override
    public Model build(Config c, StoredTensors stored, GraphBuilder g) {
        Model.Task task = CLASSES.task(c);
        AttentionShape shape = AttentionShape.of(c);
        Fixed.number(c, shape.headDim(), "kv_channels", "a head has head_dim features");
        int vocabulary = c.size("vocab_size");
        int inner = c.size("intermediate_size");
        double epsilon = c.number(1e-5, "norm_eps");
        ActivationFunction function = Activations.of(c, "relu2", "hidden_act");
        boolean attentionBias = c.flag(false, "attention_bias");
        boolean mlpBias = c.flag(false, "mlp_bias");
        double share = c.number(0.5, "rope_percent", "rope_percentage");
        GroupedAttention attention = GroupedAttention.of(shape, Rope.partial(c, shape.headDim(), share, Rope.THETA))
                .biased(attentionBias, attentionBias);
        Op.Attention op = Attentions.causal(shape.heads(), shape.keyValueHeads(), shape.headDim(), Reach.ALL);
        Scope model = g.root().in("model");
        Value x = model.embed("embed_tokens", vocabulary, shape.hidden(), RowAxis.TARGET);
        for (Scope layer : model.layers("layers", c.size("num_hidden_layers"))) {
            Value y = norm(layer, "input_layernorm", x, epsilon);
            x = x.plus(attention.apply(layer.in("self_attn"), y, x, op));
            y = norm(layer, "post_attention_layernorm", x, epsilon);
            x = x.plus(Mlp.plain(layer.in("mlp"), x, y, inner, function, "up_proj", "down_proj", mlpBias));
        }
        WeightExpression head =
                Heads.matrix(c, stored, NAMES, false, model.name("embed_tokens.weight"), "lm_head.weight");
        g.root().logits(norm(model, "norm", x, epsilon), vocabulary, head, null);
        return new Model(task, g.finish(), NAMES, OptionalInt.empty(), vocabulary);
    }

    private static Value norm(Scope s, String name, Value x, double epsilon) {
        WeightExpression stored = WeightExpression.tensor(s.name(name + ".weight"));
        WeightExpression scale = new WeightExpression.Affine(stored, 1, 1);
        return s.norm(x, Op.NormKind.LAYER, epsilon, scale, WeightExpression.tensor(s.name(name + ".bias")));
    }
}
