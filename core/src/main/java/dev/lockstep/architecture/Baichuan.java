package dev.lockstep.architecture;

import dev.lockstep.checkpoint.Config;
import dev.lockstep.checkpoint.TensorNames;
import dev.lockstep.checkpoint.WeightExpression;
import dev.lockstep.graph.ActivationFunction;
import dev.lockstep.graph.GraphBuilder;
import dev.lockstep.graph.Model;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.Reach;
import dev.lockstep.graph.RotaryTable;
import dev.lockstep.graph.RowAxis;
import dev.lockstep.graph.Scope;
import dev.lockstep.graph.Value;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Baichuan and Baichuan 2 (Yang et al. 2023): Llama's blocks with one fused projection [q | k | v]. The 7B models have
 * rotary positions, the 13B models linear biases; in the second generation every row of the head has length 1.
 */
final class Baichuan implements Architecture {
    private static final TensorNames NAMES = TensorNames.prefixes("model.", "");
    private static final String FIRST_7B = "BaiChuanForCausalLM";
    private static final ServedClasses CLASSES =
            ServedClasses.of("BaichuanForCausalLM", Model.Task.CAUSAL_LM).and(FIRST_7B, Model.Task.CAUSAL_LM);
    /** By which the published checkpoints of the second generation are known. */
    private static final int SECOND_VOCABULARY = 125696;
    /** As published: a row is never divided by less. */
    private static final double SHORTEST_ROW = 1e-12;

    @Override
    public Set<String> inertKeys() {
        // Positions of either kind are not bounded by what the model was trained on.
        return Set.of("_from_model_config", "auto_map", "max_position_embeddings", "model_max_length");
    }

    @Override
    public Model build(Config c, StoredTensors stored, GraphBuilder g) {
        Model.Task task = CLASSES.task(c);
        int vocabulary = c.size("vocab_size");
        int hidden = c.size("hidden_size");
        int heads = c.size("num_attention_heads");
        int headDim = AttentionShape.even(c, hidden, heads, "num_attention_heads");
        Fixed.number(c, heads, "num_key_value_heads", "Baichuan has as many as heads");
        int inner = c.size("intermediate_size");
        double epsilon = c.number(1e-6, "rms_norm_eps");
        ActivationFunction function = Activations.of(c, "silu", "hidden_act");
        boolean turned = c.has("max_position_embeddings") || c.architecture().equals(FIRST_7B);
        RotaryTable rope = turned ? Rope.whole(c, headDim) : null;
        Op.Attention op = Attentions.causal(heads, heads, headDim, Reach.ALL);
        op = turned ? op : op.plus(Attentions.alibi(heads));
        Scope model = g.root().in("model");
        Value x = model.embed("embed_tokens", vocabulary, hidden, RowAxis.TARGET);
        for (Scope layer : model.layers("layers", c.size("num_hidden_layers"))) {
            Value y = layer.rmsNorm("input_layernorm", x, epsilon);
            x = x.plus(attention(layer.in("self_attn"), x, y, op, rope));
            y = layer.rmsNorm("post_attention_layernorm", x, epsilon);
            x = x.plus(Mlp.gated(layer.in("mlp"), Mlp.GatedNames.LLAMA, x, y, inner, function, false));
        }
        WeightExpression head =
                Heads.matrix(c, stored, NAMES, false, model.name("embed_tokens.weight"), "lm_head.weight");
        if (c.has("z_loss_weight") || vocabulary == SECOND_VOCABULARY) {
            head = new WeightExpression.RowNormalised(head, SHORTEST_ROW);
        }
        g.root().logits(model.rmsNorm("norm", x, epsilon), vocabulary, head, null);
        return new Model(task, g.finish(), NAMES, OptionalInt.empty(), vocabulary);
    }

    private static Value attention(Scope s, Value x, Value y, Op.Attention op, RotaryTable rope) {
        int hidden = x.width();
        int headDim = hidden / op.heads();
        List<Value> parts = FusedProjection.blocks(s, "W_pack", y, hidden, hidden, false);
        Value q = rope == null ? parts.get(0) : s.rotary(parts.get(0), headDim, false, rope);
        Value k = rope == null ? parts.get(1) : s.rotary(parts.get(1), headDim, false, rope);
        return s.linear("o_proj", s.attention(q, k, parts.get(2), op), x, false);
    }
}
