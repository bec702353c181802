package dev.lockstep.architecture;

import dev.lockstep.checkpoint.Config;
import dev.lockstep.checkpoint.TensorNames;
import dev.lockstep.graph.ActivationFunction;
import dev.lockstep.graph.GraphBuilder;
import dev.lockstep.graph.Model;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.RowAxis;
import dev.lockstep.graph.Scope;
import dev.lockstep.graph.Value;
import java.util.OptionalInt;
import java.util.Set;

/**
 * BERT (Devlin et al. 2019): word, position and type embeddings, post-LayerNorm blocks, attention both ways. Yields
 * {@code hidden} for every row, and what its head yields: see {@link BertHeads}.
 */
final class Bert implements Architecture {
    static final TensorNames NAMES = TensorNames.prefixes("bert.", "");

    private static final ServedClasses CLASSES = ServedClasses.of("BertForMaskedLM", Model.Task.MASKED_LM)
            .and("BertForPreTraining", Model.Task.MASKED_LM)
            .and("BertModel", Model.Task.ENCODER)
            .and("BertForSequenceClassification", Model.Task.SEQUENCE_CLASSIFICATION)
            .and("BertForTokenClassification", Model.Task.TOKEN_CLASSIFICATION)
            .and("BertForQuestionAnswering", Model.Task.QUESTION_ANSWERING);

    @Override
    public Set<String> inertKeys() {
        return Set.of(
                "directionality",
                "pooler_fc_size",
                "pooler_num_attention_heads",
                "pooler_num_fc_layers",
                "pooler_size_per_head",
                "pooler_type",
                "tie_word_embeddings");
    }

    @Override
    public Model build(Config c, StoredTensors stored, GraphBuilder g) {
        Model.Task task = CLASSES.task(c);
        Fixed.flag(c, false, "is_decoder", "BERT is served as an encoder");
        Fixed.flag(c, false, "add_cross_attention", "BERT is served as an encoder");
        Fixed.text(c, "absolute", "position_embedding_type", "relative positions are not served for BERT");
        int hidden = c.size("hidden_size");
        int vocabulary = c.size("vocab_size");
        int positions = c.sizeOr(512, "max_position_embeddings");
        double epsilon = c.number(1e-12, "layer_norm_eps");
        Scope model = g.root().in("bert");
        Value x = encoder(model.in("encoder"), embeddings(model.in("embeddings"), c, hidden, positions), c, epsilon);
        g.output("hidden", x);
        BertHeads heads = new BertHeads(c, stored, g, x, epsilon, "bert", NAMES);
        switch (task) {
            case MASKED_LM -> heads.maskedLanguageModel(vocabulary);
            case SEQUENCE_CLASSIFICATION -> heads.sequenceClassifier();
            case TOKEN_CLASSIFICATION -> heads.tokenClassifier();
            case QUESTION_ANSWERING -> heads.span();
            case ENCODER -> heads.poolerIfStored();
            case CAUSAL_LM, SEQ2SEQ_LM -> throw new IllegalStateException("no class of BERT is for " + task);
        }
        return new Model(task, g.finish(), NAMES, OptionalInt.of(positions), vocabulary);
    }

    private static Value embeddings(Scope s, Config c, int hidden, int positions) {
        Value words = s.embed("word_embeddings", c.size("vocab_size"), hidden, RowAxis.SOURCE);
        Value x = words.plus(s.positions("position_embeddings", positions, 0, hidden, RowAxis.SOURCE))
                .plus(s.tokenTypes("token_type_embeddings", c.sizeOr(2, "type_vocab_size"), hidden, RowAxis.SOURCE));
        return s.layerNorm("LayerNorm", x, c.number(1e-12, "layer_norm_eps"));
    }

    private static Value encoder(Scope encoder, Value embedded, Config c, double epsilon) {
        int heads = c.size("num_attention_heads");
        int headDim = AttentionShape.even(c, embedded.width(), heads, "num_attention_heads");
        Op.Attention op = Attentions.plain(heads, 1 / Math.sqrt(headDim), Op.Pattern.BIDIRECTIONAL);
        ActivationFunction function = Activations.of(c, "gelu", "hidden_act");
        int inner = c.size("intermediate_size");
        Value x = embedded;
        for (Scope layer : encoder.layers("layer", c.size("num_hidden_layers"))) {
            x = attention(layer.in("attention"), x, op, epsilon);
            Value y = Mlp.plain(layer, x, x, inner, function, "intermediate.dense", "output.dense", true);
            x = layer.layerNorm("output.LayerNorm", x.plus(y), epsilon);
        }
        return x;
    }

    private static Value attention(Scope s, Value x, Op.Attention op, double epsilon) {
        Value q = s.linear("self.query", x, x.width(), true);
        Value k = s.linear("self.key", x, x.width(), true);
        Value v = s.linear("self.value", x, x.width(), true);
        Value attended = s.linear("output.dense", s.attention(q, k, v, op), x, true);
        return s.layerNorm("output.LayerNorm", x.plus(attended), epsilon);
    }
}
