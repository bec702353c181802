package dev.lockstep.architecture;

import dev.lockstep.checkpoint.Config;
import dev.lockstep.checkpoint.TensorNames;
import dev.lockstep.graph.ActivationFunction;
import dev.lockstep.graph.GraphBuilder;
import dev.lockstep.graph.Model;
import dev.lockstep.graph.RowAxis;
import dev.lockstep.graph.Scope;
import dev.lockstep.graph.SequenceBody;
import dev.lockstep.graph.Value;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/**
 * FNet (Lee-Thorp et al. 2021, arXiv 2105.03824): BERT with the real part of a Fourier transform over rows and features in the
 * place of attention.
 */
final class FNet implements Architecture {
    private static final TensorNames NAMES = TensorNames.prefixes("fnet.", "");

    private static final ServedClasses CLASSES = ServedClasses.of("FNetForMaskedLM", Model.Task.MASKED_LM)
            .and("FNetForPreTraining", Model.Task.MASKED_LM)
            .and("FNetModel", Model.Task.ENCODER)
            .and("FNetForSequenceClassification", Model.Task.SEQUENCE_CLASSIFICATION)
            .and("FNetForTokenClassification", Model.Task.TOKEN_CLASSIFICATION)
            .and("FNetForQuestionAnswering", Model.Task.QUESTION_ANSWERING);

    @Override
    public Set<String> inertKeys() {
        return Set.of("tpu_short_seq_length", "tie_word_embeddings");
    }

    @Override
    public Model build(Config c, StoredTensors stored, GraphBuilder g) {
        Model.Task task = CLASSES.task(c);
        Fixed.flag(c, false, "use_tpu_fourier_optimizations", "its transform is over padded rows");
        int hidden = c.size("hidden_size");
        int vocabulary = c.size("vocab_size");
        int positions = c.sizeOr(512, "max_position_embeddings");
        double epsilon = c.number(1e-12, "layer_norm_eps");
        Scope model = g.root().in("fnet");
        Scope s = model.in("embeddings");
        Value x = s.embed("word_embeddings", vocabulary, hidden, RowAxis.SOURCE)
                .plus(s.positions("position_embeddings", positions, 0, hidden, RowAxis.SOURCE))
                .plus(s.tokenTypes("token_type_embeddings", c.sizeOr(4, "type_vocab_size"), hidden, RowAxis.SOURCE));
        x = s.linear("projection", s.layerNorm("LayerNorm", x, epsilon), hidden, true);
        x = encoder(model.in("encoder"), x, c, epsilon);
        g.output("hidden", x);
        BertHeads heads = new BertHeads(c, stored, g, x, epsilon, "fnet", NAMES);
        switch (task) {
            case MASKED_LM -> {
                heads.poolerIfStored();
                heads.maskedLanguageModel(vocabulary);
            }
            case SEQUENCE_CLASSIFICATION -> heads.sequenceClassifier();
            case TOKEN_CLASSIFICATION -> heads.tokenClassifier();
            case QUESTION_ANSWERING -> heads.span();
            case ENCODER -> heads.poolerIfStored();
            case CAUSAL_LM, SEQ2SEQ_LM -> throw new IllegalStateException("no class of FNet is for " + task);
        }
        return new Model(task, g.finish(), NAMES, OptionalInt.of(positions), vocabulary);
    }

    private static Value encoder(Scope encoder, Value embedded, Config c, double epsilon) {
        ActivationFunction function = Activations.of(c, "gelu_new", "hidden_act");
        int inner = c.size("intermediate_size");
        SequenceBody transform = realFourier(embedded.width());
        Value x = embedded;
        for (Scope layer : encoder.layers("layer", c.size("num_hidden_layers"))) {
            Value mixed = layer.perSequence(1, transform, x);
            x = layer.layerNorm("fourier.output.LayerNorm", x.plus(mixed), epsilon);
            Value y = Mlp.plain(layer, x, x, inner, function, "intermediate.dense", "output.dense", true);
            x = layer.layerNorm("output.LayerNorm", x.plus(y), epsilon);
        }
        return x;
    }

    /** With F = C - iS, the real part of F X F is C X C - S X S: F over rows at the left, over features at the right. */
    private static SequenceBody realFourier(int width) {
        return new SequenceBody(List.of(
                new SequenceBody.Input(0, width),
                new SequenceBody.Fourier(false, width),
                new SequenceBody.Product(0, 1, false),
                new SequenceBody.Fourier(true, width),
                new SequenceBody.Product(0, 3, false),
                new SequenceBody.Fourier(false, SequenceBody.ROWS),
                new SequenceBody.Product(5, 2, false),
                new SequenceBody.Fourier(true, SequenceBody.ROWS),
                new SequenceBody.Product(7, 4, false),
                new SequenceBody.Sum(6, 1, 8, -1)));
    }
}
