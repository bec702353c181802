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

/** XGLM (Lin et al. 2021): sinusoidal positions that no file stores, scaled embeddings, pre-norm blocks. */
final class Xglm implements Architecture {
    private static final double EPSILON = 1e-5;
    /** The first token's position counts as 2: two rows of the table were kept for padding. */
    private static final int OFFSET = 2;

    private static final TensorNames NAMES = TensorNames.prefixes("model.", "");
    private static final ServedClasses CLASSES = ServedClasses.of("XGLMForCausalLM", Model.Task.CAUSAL_LM);

    @Override
    public Set<String> inertKeys() {
        // Positions are computed, as many as there are.
        return Set.of("max_position_embeddings");
    }

    @Override
    public Model build(Config c, StoredTensors stored, GraphBuilder g) {
        Model.Task task = CLASSES.task(c);
        Fixed.flag(c, false, "add_cross_attention", "XGLM is served without an encoder beside it");
        int padding = c.integer("pad_token_id").orElse(1);
        if (padding >= OFFSET) {
            throw c.wrong(padding, "0 or 1: the position of that number would have no sinusoids", "pad_token_id");
        }
        int hidden = c.size("d_model", "hidden_size");
        int heads = c.size("attention_heads", "num_attention_heads");
        int headDim = AttentionShape.even(c, hidden, heads, "attention_heads");
        int vocabulary = c.size("vocab_size");
        int inner = c.size("ffn_dim");
        ActivationFunction function = Activations.of(c, "gelu", "activation_function");
        double scale = c.flag(true, "scale_embedding") ? Math.sqrt(hidden) : 1;
        Op.Attention op = Attentions.causal(heads, heads, headDim, Reach.ALL);
        FairseqLayer form = new FairseqLayer(op, inner, function, EPSILON);
        Scope model = g.root().in("model");
        Value x = model.embed("embed_tokens", vocabulary, hidden, RowAxis.TARGET)
                .times(scale)
                .plus(model.sinusoids(OFFSET, 1.0 / (hidden / 2 - 1), hidden, RowAxis.TARGET));
        for (Scope layer : model.layers("layers", c.size("num_layers", "num_hidden_layers"))) {
            x = form.apply(layer, x);
        }
        WeightExpression head =
                Heads.matrix(c, stored, NAMES, true, model.name("embed_tokens.weight"), "lm_head.weight");
        g.root().logits(model.layerNorm("layer_norm", x, EPSILON), vocabulary, head, null);
        return new Model(task, g.finish(), NAMES, OptionalInt.empty(), vocabulary);
    }
}
