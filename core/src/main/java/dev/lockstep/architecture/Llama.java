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
 * Llama and its relatives (Llama 1 to 3, CodeLlama, Mistral, Qwen2): pre-RMSNorm blocks, rotary grouped-query
 * attention, gated MLP. Touvron et al. 2023; Jiang et al. 2023 for the sliding window.
 */
final class Llama implements Architecture {

    /** What distinguishes the relatives where their configs are silent. */
    enum Relative {
        /** The first one was published under another spelling. */
        LLAMA(ServedClasses.of("LlamaForCausalLM", Model.Task.CAUSAL_LM).and("LLaMAForCausalLM", Model.Task.CAUSAL_LM)),
        MISTRAL(ServedClasses.of("MistralForCausalLM", Model.Task.CAUSAL_LM)),
        QWEN2(ServedClasses.of("Qwen2ForCausalLM", Model.Task.CAUSAL_LM));

        private final ServedClasses classes;

        Relative(ServedClasses classes) {
            this.classes = classes;
        }
    }

    private static final TensorNames NAMES = TensorNames.prefixes("model.", "");

    private final Relative relative;

    Llama(Relative relative) {
        this.relative = relative;
    }

    @Override
    public Set<String> inertKeys() {
        // Rotary positions are not bounded by what the model was trained on.
        return Set.of("max_position_embeddings", "max_sequence_length");
    }

    @Override
    public Model build(Config c, StoredTensors stored, GraphBuilder g) {
        Model.Task task = relative.classes.task(c);
        Fixed.flag(c, false, "use_mrope", "positions of several dimensions are for images");
        AttentionShape shape = AttentionShape.of(c);
        int vocabulary = c.size("vocab_size");
        int inner = c.size("intermediate_size");
        List<Reach> windows = windows(c, c.size("num_hidden_layers"));
        double epsilon = c.number(1e-6, "rms_norm_eps");
        ActivationFunction function = Activations.of(c, "silu", "hidden_act");
        boolean mlpBias = relative == Relative.LLAMA && c.flag(false, "mlp_bias");
        boolean outputBias = relative == Relative.LLAMA && c.flag(false, "attention_bias");
        boolean queryBias = relative == Relative.QWEN2 || outputBias;
        GroupedAttention attention =
                GroupedAttention.of(shape, Rope.whole(c, shape.headDim())).biased(queryBias, outputBias);
        Scope model = g.root().in("model");
        Value x = model.embed("embed_tokens", vocabulary, shape.hidden(), RowAxis.TARGET);
        int index = 0;
        for (Scope layer : model.layers("layers", windows.size())) {
            Value y = layer.rmsNorm("input_layernorm", x, epsilon);
            Op.Attention op =
                    Attentions.causal(shape.heads(), shape.keyValueHeads(), shape.headDim(), windows.get(index++));
            x = x.plus(attention.apply(layer.in("self_attn"), y, x, op));
            y = layer.rmsNorm("post_attention_layernorm", x, epsilon);
            x = x.plus(Mlp.gated(layer.in("mlp"), Mlp.GatedNames.LLAMA, x, y, inner, function, mlpBias));
        }
        WeightExpression head =
                Heads.matrix(c, stored, NAMES, false, model.name("embed_tokens.weight"), "lm_head.weight");
        g.root().logits(model.rmsNorm("norm", x, epsilon), vocabulary, head, null);
        return new Model(task, g.finish(), NAMES, OptionalInt.empty(), vocabulary);
    }

    private List<Reach> windows(Config c, int layers) {
        return switch (relative) {
            case LLAMA -> Windows.none(layers);
            case MISTRAL -> Windows.everywhere(c, layers);
            case QWEN2 -> Windows.upperLayers(c, layers);
        };
    }
}
