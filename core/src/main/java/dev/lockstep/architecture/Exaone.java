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

/** EXAONE 3 and 3.5 (LG 2024): Llama's block under the names of a GPT. */
final class Exaone implements Architecture {
    private static final TensorNames NAMES = TensorNames.prefixes("transformer.", "");
    private static final ServedClasses CLASSES = ServedClasses.of("ExaoneForCausalLM", Model.Task.CAUSAL_LM);
    private static final Mlp.GatedNames MLP = new Mlp.GatedNames("c_fc_0", "c_fc_1", "c_proj");

    @Override
    public Set<String> inertKeys() {
        return Set.of("embed_dropout", "max_position_embeddings");
    }

    @Override
    public Model build(Config c, StoredTensors stored, GraphBuilder g) {
        Model.Task task = CLASSES.task(c);
        Fixed.flag(c, false, "attention_bias", "this family's attention has no biases");
        Fixed.flag(c, false, "mlp_bias", "this family's feed-forward has no biases");
        AttentionShape shape = AttentionShape.of(c, 8);
        int vocabulary = c.size("vocab_size");
        int inner = c.size("intermediate_size");
        double epsilon = c.number(1e-5, "layer_norm_epsilon", "rms_norm_eps");
        ActivationFunction function = Activations.of(c, "silu", "activation_function", "hidden_act");
        GroupedAttention attention = GroupedAttention.of(shape, Rope.whole(c, shape.headDim(), 5e5));
        Op.Attention op = shape.causal(Reach.ALL);
        Scope model = g.root().in("transformer");
        Value x = model.embed("wte", vocabulary, shape.hidden(), RowAxis.TARGET);
        for (Scope layer : model.layers("h", c.size("num_layers", "num_hidden_layers"))) {
            Scope s = layer.in("attn").in("attention");
            Value attended = attention.attended(s, layer.rmsNorm("ln_1", x, epsilon), op);
            x = x.plus(s.linear("out_proj", attended, x, false));
            Value y = layer.rmsNorm("ln_2", x, epsilon);
            x = x.plus(Mlp.gated(layer.in("mlp"), MLP, x, y, inner, function, false));
        }
        WeightExpression head = Heads.matrix(c, stored, NAMES, false, model.name("wte.weight"), "lm_head.weight");
        g.root().logits(model.rmsNorm("ln_f", x, epsilon), vocabulary, head, null);
        return new Model(task, g.finish(), NAMES, OptionalInt.empty(), vocabulary);
    }
}
