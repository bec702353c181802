package dev.lockstep.architecture;

import dev.lockstep.checkpoint.Config;
import dev.lockstep.checkpoint.TensorNames;
import dev.lockstep.checkpoint.WeightExpression;
import dev.lockstep.graph.AttentionInputs;
import dev.lockstep.graph.GraphBuilder;
import dev.lockstep.graph.KeySet;
import dev.lockstep.graph.Model;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.Reach;
import dev.lockstep.graph.RowAxis;
import dev.lockstep.graph.Scope;
import dev.lockstep.graph.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * DeBERTa in its second and third versions (He et al. 2021, arXiv 2006.03654 and 2111.09543): post-LayerNorm blocks whose
 * scores have terms of content and distance in both directions, and where asked for a convolution beside the first block.
 */
final class DebertaV2 implements Architecture {
    private static final TensorNames NAMES = TensorNames.prefixes("deberta.", "");

    private static final ServedClasses CLASSES = ServedClasses.of("DebertaV2ForMaskedLM", Model.Task.MASKED_LM)
            .and("DebertaV2Model", Model.Task.ENCODER)
            .and("DebertaV2ForSequenceClassification", Model.Task.SEQUENCE_CLASSIFICATION)
            .and("DebertaV2ForTokenClassification", Model.Task.TOKEN_CLASSIFICATION)
            .and("DebertaV2ForQuestionAnswering", Model.Task.QUESTION_ANSWERING);

    @Override
    public Set<String> inertKeys() {
        // Those of the pooler and of the convolution are read where there is one; legacy tells what the head's names
        // tell.
        return Set.of(
                "pooler_dropout",
                "legacy",
                "padding_idx",
                "pooler_hidden_act",
                "pooler_hidden_size",
                "conv_act",
                "conv_groups");
    }

    @Override
    public Model build(Config c, StoredTensors stored, GraphBuilder g) {
        Model.Task task = CLASSES.task(c);
        int vocabulary = c.size("vocab_size");
        boolean absolute = c.flag(true, "position_biased_input");
        int positions = c.sizeOr(512, "max_position_embeddings");
        double epsilon = c.number(1e-7, "layer_norm_eps");
        Scope model = g.root().in("deberta");
        Value embedded = embeddings(model.in("embeddings"), c, vocabulary, absolute ? positions : 0, epsilon);
        Value x = encoder(model.in("encoder"), embedded, c, positions, epsilon);
        g.output("hidden", x);
        switch (task) {
            case MASKED_LM -> maskedLanguageModel(c, stored, g, x, vocabulary, epsilon);
            case SEQUENCE_CLASSIFICATION -> g.output("logits", classifier(g, c, pooled(g, c, x)));
            case TOKEN_CLASSIFICATION -> g.output("logits", classifier(g, c, x));
            case QUESTION_ANSWERING -> g.output("span", g.root().linear("qa_outputs", x, 2, true));
            case ENCODER -> {}
            case CAUSAL_LM, SEQ2SEQ_LM -> throw new IllegalStateException("no class of DeBERTa is for " + task);
        }
        OptionalInt most = absolute ? OptionalInt.of(positions) : OptionalInt.empty();
        return new Model(task, g.finish(), NAMES, most, vocabulary);
    }

    /** @param positions of the table of learned positions; 0 for none */
    private static Value embeddings(Scope s, Config c, int vocabulary, int positions, double epsilon) {
        int hidden = c.size("hidden_size");
        int embedded = c.sizeOr(hidden, "embedding_size");
        int types = c.integer("type_vocab_size").orElse(0);
        Value x = s.embed("word_embeddings", vocabulary, embedded, RowAxis.SOURCE);
        if (positions > 0) {
            x = x.plus(s.positions("position_embeddings", positions, 0, embedded, RowAxis.SOURCE));
        }
        if (types > 0) {
            x = x.plus(s.tokenTypes("token_type_embeddings", types, embedded, RowAxis.SOURCE));
        }
        x = embedded == hidden ? x : s.linear("embed_proj", x, hidden, false);
        return s.layerNorm("LayerNorm", x, epsilon);
    }

    private static Value encoder(Scope encoder, Value embedded, Config c, int positions, double epsilon) {
        DebertaDistances distances = DebertaDistances.of(c, positions);
        Value table = distances.table(encoder, embedded.width(), epsilon);
        int inner = c.size("intermediate_size");
        Value x = embedded;
        boolean first = true;
        for (Scope layer : encoder.layers("layer", c.size("num_hidden_layers"))) {
            x = attention(layer.in("attention"), x, table, distances, c, epsilon);
            Value y = Mlp.plain(
                    layer,
                    x,
                    x,
                    inner,
                    Activations.of(c, "gelu", "hidden_act"),
                    "intermediate.dense",
                    "output.dense",
                    true);
            x = layer.layerNorm("output.LayerNorm", x.plus(y), epsilon);
            if (first) {
                x = convolved(encoder.in("conv"), embedded, x, c, epsilon);
                first = false;
            }
        }
        return x;
    }

    private static Value attention(
            Scope s, Value x, Value table, DebertaDistances distances, Config c, double epsilon) {
        int heads = c.size("num_attention_heads");
        int headDim = AttentionShape.even(c, x.width(), heads, "num_attention_heads");
        int published = c.sizeOr(headDim, "attention_head_size");
        if (published != headDim) {
            throw c.wrong(published, "hidden_size / num_attention_heads = " + headDim, "attention_head_size");
        }
        Scope self = s.in("self");
        Value q = self.linear("query_proj", x, x.width(), true);
        Value k = self.linear("key_proj", x, x.width(), true);
        Value v = self.linear("value_proj", x, x.width(), true);
        List<AttentionInputs.Content> content = new ArrayList<>();
        if (distances.contentToPosition()) {
            content.add(new AttentionInputs.Content(q, distances.keys(self, table)));
        }
        if (distances.positionToContent()) {
            content.add(new AttentionInputs.Content(k, distances.queries(self, table)));
        }
        Op.Attention op = new Op.Attention(
                        heads, heads, 1 / Math.sqrt((double) headDim * (1 + content.size())), Op.Pattern.BIDIRECTIONAL)
                .over(List.of(new KeySet(Reach.ALL, distances.terms())));
        AttentionInputs in = new AttentionInputs(q, List.of(new AttentionInputs.Set(k, v)), content);
        Value attended = s.linear("output.dense", s.attention(in, op, List.of(), null), x, true);
        return s.layerNorm("output.LayerNorm", x.plus(attended), epsilon);
    }

    /** A convolution over the embeddings, added to the output of the first block. */
    private static Value convolved(Scope s, Value embedded, Value x, Config c, double epsilon) {
        int taps = c.integer("conv_kernel_size").orElse(0);
        if (taps <= 0) {
            return x;
        }
        if (taps % 2 == 0) {
            throw c.wrong(taps, "an odd number of rows", "conv_kernel_size");
        }
        Fixed.number(c, 1, "conv_groups", "a convolution of groups is not served");
        int hidden = embedded.width();
        List<Integer> places =
                IntStream.range(0, taps).mapToObj(tap -> tap - (taps - 1) / 2).toList();
        // Stored [out, in, taps]; the rows lie tap after tap.
        WeightExpression stored = WeightExpression.tensor(s.name("conv.weight"), hidden, hidden, taps);
        WeightExpression matrix = new WeightExpression.Reshaped(
                new WeightExpression.Permuted(stored, List.of(0, 2, 1)),
                List.of(hidden, taps, hidden),
                List.of(hidden, taps * hidden));
        Value y =
                s.linear(s.neighbours(embedded, places), x.dim(), matrix, WeightExpression.tensor(s.name("conv.bias")));
        return s.layerNorm("LayerNorm", x.plus(s.activate(y, Activations.of(c, "tanh", "conv_act"))), epsilon);
    }

    // ---------------------------------------------------------------- heads

    /** The published files have the head under names of their own, conversions under those of BERT. */
    private static void maskedLanguageModel(
            Config c, StoredTensors stored, GraphBuilder g, Value x, int vocabulary, double epsilon) {
        Scope published = g.root().in("lm_predictions").in("lm_head");
        boolean own = stored.surelyHold(published.name("dense.weight"), NAMES);
        Scope s = own ? published : g.root().in("cls").in("predictions").in("transform");
        int embedded = c.sizeOr(x.width(), "embedding_size");
        Value y = s.activate(s.linear("dense", x, embedded, true), Activations.of(c, "gelu", "hidden_act"));
        y = s.layerNorm("LayerNorm", y, epsilon);
        String bias = own ? published.name("bias") : "cls.predictions.bias";
        String decoder = "cls.predictions.decoder.weight";
        WeightExpression matrix =
                Heads.matrix(c, stored, NAMES, true, "deberta.embeddings.word_embeddings.weight", decoder);
        g.root().logits(y, vocabulary, matrix, WeightExpression.tensor(bias));
    }

    private static Value pooled(GraphBuilder g, Config c, Value x) {
        Scope s = g.root().in("pooler");
        int width = c.sizeOr(x.width(), "pooler_hidden_size");
        if (width != x.width()) {
            throw c.wrong(width, "hidden_size = " + x.width(), "pooler_hidden_size");
        }
        Value first = s.linear("dense", s.firstRows(x), width, true);
        return s.activate(first, Activations.of(c, "gelu", "pooler_hidden_act"));
    }

    private static Value classifier(GraphBuilder g, Config c, Value x) {
        return g.root().linear("classifier", x, Labels.count(c), true);
    }
}
