package dev.lockstep.architecture;

import dev.lockstep.checkpoint.Config;
import dev.lockstep.checkpoint.TensorNames;
import dev.lockstep.checkpoint.WeightExpression;
import dev.lockstep.graph.GraphBuilder;
import dev.lockstep.graph.Model;
import dev.lockstep.graph.RowAxis;
import dev.lockstep.graph.Scope;
import dev.lockstep.graph.Value;
import java.util.OptionalInt;
import java.util.function.UnaryOperator;

/**
 * The frame that Llama and its many relatives share, under the names they share: {@code model.embed_tokens}, {@code
 * model.layers.N}, {@code model.norm} and {@code lm_head}. Families say what a layer is.
 *
 * @param tied what it means that {@code tie_word_embeddings} is absent
 * @param headBias whether the head has a bias
 * @param embeddingFactor what token embeddings are multiplied by
 * @param last a last step over the logits, token by token
 */
record CausalDecoder(
        Config c,
        StoredTensors stored,
        Model.Task task,
        boolean tied,
        boolean headBias,
        double embeddingFactor,
        UnaryOperator<Value> last) {
    static final TensorNames NAMES = TensorNames.prefixes("model.", "");

    /** One layer: the residual stream before it to that after it. */
    @FunctionalInterface
    interface Layer {
        Value of(Scope s, int index, Value x);
    }

    static CausalDecoder of(Config c, StoredTensors stored, ServedClasses classes) {
        return new CausalDecoder(c, stored, classes.task(c), false, false, 1, UnaryOperator.identity());
    }

    /** Whose head is the token table unless the config says otherwise. */
    CausalDecoder tiedByDefault() {
        return new CausalDecoder(c, stored, task, true, headBias, embeddingFactor, last);
    }

    CausalDecoder headBiased(boolean bias) {
        return new CausalDecoder(c, stored, task, tied, bias, embeddingFactor, last);
    }

    CausalDecoder embeddingsTimes(double factor) {
        return new CausalDecoder(c, stored, task, tied, headBias, factor, last);
    }

    CausalDecoder logitsThrough(UnaryOperator<Value> step) {
        return new CausalDecoder(c, stored, task, tied, headBias, embeddingFactor, step);
    }

    /** Number of layers. */
    int layers() {
        return c.size("num_hidden_layers");
    }

    Model build(GraphBuilder g, Norm norm, Layer layer) {
        int vocabulary = c.size("vocab_size");
        Scope model = g.root().in("model");
        Value x = model.embed("embed_tokens", vocabulary, c.size("hidden_size"), RowAxis.TARGET)
                .times(embeddingFactor);
        int index = 0;
        for (Scope scope : model.layers("layers", layers())) {
            x = layer.of(scope, index++, x);
        }
        WeightExpression head =
                Heads.matrix(c, stored, NAMES, tied, model.name("embed_tokens.weight"), "lm_head.weight");
        WeightExpression bias = headBias ? WeightExpression.tensor("lm_head.bias") : null;
        g.root().logits(norm.of(model, "norm", x), vocabulary, head, bias, last);
        return new Model(task, g.finish(), NAMES, OptionalInt.empty(), vocabulary);
    }
}
