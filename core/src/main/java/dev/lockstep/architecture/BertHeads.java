package dev.lockstep.architecture;

import dev.lockstep.checkpoint.Config;
import dev.lockstep.checkpoint.TensorNames;
import dev.lockstep.checkpoint.WeightExpression;
import dev.lockstep.graph.ActivationFunction;
import dev.lockstep.graph.GraphBuilder;
import dev.lockstep.graph.Scope;
import dev.lockstep.graph.Value;

/** What is put on the last hidden states [rows, hidden] of BERT and encoders that took over its heads. */
final class BertHeads {
    private final Config config;
    private final StoredTensors stored;
    private final GraphBuilder graph;
    private final Value hidden;
    private final double epsilon;
    private final String prefix;
    private final TensorNames names;

    /**
     * @param prefix of the encoder's weights, without a dot
     * @param names how files spell them
     */
    BertHeads(
            Config config,
            StoredTensors stored,
            GraphBuilder graph,
            Value hidden,
            double epsilon,
            String prefix,
            TensorNames names) {
        this.prefix = prefix;
        this.names = names;
        this.config = config;
        this.stored = stored;
        this.graph = graph;
        this.hidden = hidden;
        this.epsilon = epsilon;
    }

    /** {@code logits} [asked rows, vocabulary]. */
    void maskedLanguageModel(int vocabulary) {
        Scope s = graph.root().in("cls").in("predictions");
        ActivationFunction function = Activations.of(config, "gelu", "hidden_act");
        Value y = s.activate(s.linear("transform.dense", hidden, hidden.width(), true), function);
        y = s.layerNorm("transform.LayerNorm", y, epsilon);
        WeightExpression matrix = Heads.matrix(
                config, stored, names, true, prefix + ".embeddings.word_embeddings.weight", s.name("decoder.weight"));
        graph.root().logits(y, vocabulary, matrix, WeightExpression.tensor(biasName(s)));
    }

    /** Releases stored the bias beside the decoder, in it, or in both; a decoder of its own has its own bias first. */
    private String biasName(Scope s) {
        String beside = s.name("bias");
        String inside = s.name("decoder.bias");
        boolean tied = config.flag(true, "tie_word_embeddings");
        boolean takeInside = tied ? !stored.hold(beside, names) : stored.surelyHold(inside, names);
        return takeInside ? inside : beside;
    }

    /** {@code pooled} [sequences, hidden], where the files have a pooler. */
    void poolerIfStored() {
        if (stored.hold(prefix + ".pooler.dense.weight", names)) {
            pooled();
        }
    }

    private Value pooled() {
        Scope s = graph.root().in(prefix).in("pooler");
        Value first = s.firstRows(hidden);
        Value pooled = s.activate(s.linear("dense", first, hidden.width(), true), ActivationFunction.TANH);
        graph.output("pooled", pooled);
        return pooled;
    }

    /** {@code pooled}, and {@code logits} [sequences, labels]; one label is a regression. */
    void sequenceClassifier() {
        graph.output("logits", classifier(pooled()));
    }

    /** {@code logits} [rows, labels]. */
    void tokenClassifier() {
        graph.output("logits", classifier(hidden));
    }

    private Value classifier(Value x) {
        return graph.root().linear("classifier", x, Labels.count(config), true);
    }

    /** {@code span} [rows, 2]: scores of being the first and the last token of the answer. */
    void span() {
        graph.output("span", graph.root().linear("qa_outputs", hidden, 2, true));
    }
}
