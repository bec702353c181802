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

/** BioGPT (Luo et al. 2022): OPT's blocks with learned positions from row 2 on and scaled embeddings. */
final class BioGpt implements Architecture {
    /** Of all norms, whatever {@code layer_norm_eps} says. */
    private static final double EPSILON = 1e-5;

    private static final TensorNames NAMES = TensorNames.prefixes("biogpt.", "");
    private static final ServedClasses CLASSES = ServedClasses.of("BioGptForCausalLM", Model.Task.CAUSAL_LM);

    @Override
    public Set<String> inertKeys() {
        return Set.of("layer_norm_eps");
    }

    @Override
    public Model build(Config c, StoredTensors stored, GraphBuilder g) {
        Model.Task task = CLASSES.task(c);
        int hidden = c.size("hidden_size");
        int heads = c.size("num_attention_heads");
        int headDim = AttentionShape.even(c, hidden, heads, "num_attention_heads");
        int vocabulary = c.size("vocab_size");
        int positions = c.size("max_position_embeddings");
        int inner = c.size("intermediate_size");
        ActivationFunction function = Activations.of(c, "gelu", "hidden_act");
        double scale = c.flag(true, "scale_embedding") ? Math.sqrt(hidden) : 1;
        Op.Attention op = Attentions.causal(heads, heads, headDim, Reach.ALL);
        FairseqLayer form = new FairseqLayer(op, inner, function, EPSILON);
        Scope model = g.root().in("biogpt");
        Value x = model.embed("embed_tokens", vocabulary, hidden, RowAxis.TARGET)
                .times(scale)
                .plus(model.positions("embed_positions", positions + 2, 2, hidden, RowAxis.TARGET));
        for (Scope layer : model.layers("layers", c.size("num_hidden_layers"))) {
            x = form.apply(layer, x);
        }
        WeightExpression head =
                Heads.matrix(c, stored, NAMES, true, model.name("embed_tokens.weight"), "output_projection.weight");
        g.root().logits(model.layerNorm("layer_norm", x, EPSILON), vocabulary, head, null);
        return new Model(task, g.finish(), NAMES, OptionalInt.of(positions), vocabulary);
    }
}
