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
 * StableLM (Bellagente et al. 2024): Llama's blocks with layer norms and partial rotary positions; in some, a norm for
 * every query and key head, or attention and MLP side by side under one norm.
 */
final class StableLm implements Architecture {
    private static final TensorNames NAMES = TensorNames.prefixes("model.", "");
    private static final ServedClasses CLASSES = ServedClasses.of("StableLmForCausalLM", Model.Task.CAUSAL_LM);

    @Override
    public Set<String> inertKeys() {
        return Set.of("max_position_embeddings");
    }

    @Override
    public Model build(Config c, StoredTensors stored, GraphBuilder g) {
        Model.Task task = CLASSES.task(c);
        AttentionShape shape = AttentionShape.of(c);
        int headDim = shape.headDim();
        int vocabulary = c.size("vocab_size");
        int inner = c.size("intermediate_size");
        double epsilon = c.number(1e-5, "layer_norm_eps");
        ActivationFunction function = Activations.of(c, "silu", "hidden_act");
        boolean parallel = c.flag(false, "use_parallel_residual");
        GroupedAttention attention = GroupedAttention.of(shape, Rope.partial(c, headDim, 0.25, Rope.THETA))
                .biased(c.flag(false, "use_qkv_bias"), false);
        if (c.flag(false, "qk_layernorm")) {
            attention = attention.beforeTurning(HeadNorms.eachHead(headDim, epsilon));
        }
        Op.Attention op = Attentions.causal(shape.heads(), shape.keyValueHeads(), headDim, Reach.ALL);
        Scope model = g.root().in("model");
        Value x = model.embed("embed_tokens", vocabulary, shape.hidden(), RowAxis.TARGET);
        for (Scope layer : model.layers("layers", c.size("num_hidden_layers"))) {
            Value y = layer.layerNorm("input_layernorm", x, epsilon);
            Value attended = x.plus(attention.apply(layer.in("self_attn"), y, x, op));
            y = parallel ? y : layer.layerNorm("post_attention_layernorm", attended, epsilon);
            x = attended.plus(Mlp.gated(layer.in("mlp"), Mlp.GatedNames.LLAMA, x, y, inner, function, false));
        }
        WeightExpression head =
                Heads.matrix(c, stored, NAMES, false, model.name("embed_tokens.weight"), "lm_head.weight");
        g.root().logits(model.layerNorm("norm", x, epsilon), vocabulary, head, null);
        return new Model(task, g.finish(), NAMES, OptionalInt.empty(), vocabulary);
    }
}
