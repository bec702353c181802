package dev.lockstep.architecture;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lockstep.checkpoint.Config;
import dev.lockstep.checkpoint.TensorNames;
import dev.lockstep.checkpoint.WeightExpression;
import dev.lockstep.graph.ActivationFunction;
import dev.lockstep.graph.AttentionInputs;
import dev.lockstep.graph.GraphBuilder;
import dev.lockstep.graph.KeySet;
import dev.lockstep.graph.Model;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.Reach;
import dev.lockstep.graph.RowAxis;
import dev.lockstep.graph.RowBlocks;
import dev.lockstep.graph.Scope;
import dev.lockstep.graph.ScoreTerm;
import dev.lockstep.graph.Value;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Funnel Transformer (Dai et al. 2020, arXiv 2006.03236): blocks of layers, each on half the rows of the one before, and a
 * decoder that brings the rows back and adds what the first block made of them.
 */
final class Funnel implements Architecture {
    private static final TensorNames NAMES = TensorNames.prefixes("funnel.", "");

    private static final ServedClasses CLASSES =
            ServedClasses.of("FunnelForMaskedLM", Model.Task.MASKED_LM).and("FunnelModel", Model.Task.ENCODER);

    /** The token type of the first row, which counts as the same as any. */
    private static final int TYPE_OF_FIRST = 2;

    /** What a config says of all layers. */
    private record Sizes(
            int hidden,
            int heads,
            int headDim,
            int inner,
            double epsilon,
            ActivationFunction function,
            boolean firstApart,
            boolean lastLeftOut,
            boolean poolsQueriesAlone,
            Op.PoolRows pooling) {

        static Sizes of(Config c) {
            String pooling = c.text("pooling_type").orElse("mean");
            int hidden = c.size("d_model", "hidden_size");
            if (hidden % 2 != 0) {
                throw c.wrong(hidden, "an even number: half are sines of distances, half cosines", "d_model");
            }
            return new Sizes(
                    hidden,
                    c.size("n_head", "num_attention_heads"),
                    c.size("d_head"),
                    c.size("d_inner"),
                    c.number(1e-9, "layer_norm_eps"),
                    Activations.of(c, "gelu_new", "hidden_act"),
                    c.flag(true, "separate_cls"),
                    c.flag(true, "truncate_seq"),
                    c.flag(true, "pool_q_only"),
                    switch (pooling) {
                        case "mean" -> Op.PoolRows.MEAN;
                        case "max" -> Op.PoolRows.MOST;
                        default -> throw c.wrong("'" + pooling + "'", "mean or max", "pooling_type");
                    });
        }

        /** Pairs of rows. */
        RowBlocks pairs() {
            return new RowBlocks(2, firstApart, firstApart && lastLeftOut, RowBlocks.Rest.OWN, firstApart ? 2 : 1);
        }
    }

    @Override
    public Set<String> inertKeys() {
        return Set.of("initializer_std", "max_position_embeddings", "type_vocab_size", "rel_attn_type");
    }

    @Override
    public Model build(Config c, StoredTensors stored, GraphBuilder g) {
        Model.Task task = CLASSES.task(c);
        Sizes sizes = Sizes.of(c);
        String form = c.text("attention_type").orElse("relative_shift");
        if (!form.equals("relative_shift") && !form.equals("factorized")) {
            // Both compute the same numbers.
            throw c.wrong("'" + form + "'", "relative_shift or factorized", "attention_type");
        }
        int vocabulary = c.size("vocab_size");
        Scope model = g.root().in("funnel");
        Scope embeddings = model.in("embeddings");
        Value x = embeddings.embed("word_embeddings", vocabulary, sizes.hidden(), RowAxis.SOURCE);
        x = embeddings.layerNorm("layer_norm", x, sizes.epsilon());
        x = decoder(model.in("decoder"), encoder(model.in("encoder"), x, c, sizes), c, sizes);
        g.output("hidden", x);
        if (task == Model.Task.MASKED_LM) {
            String table = "funnel.embeddings.word_embeddings.weight";
            WeightExpression matrix = Heads.matrix(c, stored, NAMES, true, table, "lm_head.weight");
            g.root().logits(x, vocabulary, matrix, WeightExpression.tensor("lm_head.bias"));
        }
        return new Model(task, g.finish(), NAMES, OptionalInt.empty(), vocabulary);
    }

    /**
     * @param last of the last block
     * @param skipped what the decoder adds: of the first block
     * @param stride how many rows one of the last block stands for
     */
    private record Encoded(Value last, Value skipped, int stride) {}

    private static Encoded encoder(Scope s, Value embedded, Config c, Sizes sizes) {
        List<Integer> layers = c.has("block_sizes") ? c.integers("block_sizes") : List.of(4, 4, 4);
        requirePositive(c, layers, "block_sizes");
        List<Integer> repeats = repeats(c, layers.size());
        Value x = embedded;
        Value skipped = embedded;
        int applied = 0;
        int unit = 1;
        for (int block = 0; block < layers.size(); block++) {
            boolean shortens = block > 0;
            for (int layer = 0; layer < layers.get(block); layer++) {
                Scope at = s.in("blocks").in(Integer.toString(block)).in(Integer.toString(layer));
                for (int repeat = 0; repeat < repeats.get(block); repeat++) {
                    Value query = x;
                    int unitOfKeys = unit;
                    if (shortens) {
                        RowAxis rows = x.rows().blocks("pooled by " + 2 * unit, sizes.pairs());
                        query = at.poolRows(x, sizes.pooling(), rows);
                        unit *= 2;
                        unitOfKeys = sizes.poolsQueriesAlone() ? unitOfKeys : unit;
                    }
                    x = layer(at, query, shortens && sizes.poolsQueriesAlone() ? x : query, unitOfKeys, sizes);
                    shortens = false;
                    skipped = ++applied == layers.get(0) ? x : skipped;
                }
            }
        }
        return new Encoded(x, skipped, unit);
    }

    private static void requirePositive(Config c, List<Integer> numbers, String key) {
        if (numbers.isEmpty() || numbers.stream().anyMatch(number -> number < 1)) {
            throw c.wrong(numbers, "a list of positive integers, one for each block", key);
        }
    }

    private static List<Integer> repeats(Config c, int blocks) {
        boolean given = c.node("block_repeats").filter(JsonNode::isArray).isPresent();
        List<Integer> repeats = given ? c.integers("block_repeats") : Collections.nCopies(blocks, 1);
        if (repeats.size() != blocks) {
            throw c.wrong(repeats, "as many numbers as block_sizes has, " + blocks, "block_repeats");
        }
        requirePositive(c, repeats, "block_repeats");
        return repeats;
    }

    private static Value decoder(Scope s, Encoded encoded, Config c, Sizes sizes) {
        Op.RepeatRows back = new Op.RepeatRows(encoded.stride(), sizes.firstApart());
        Value last = encoded.last();
        Value x = encoded.stride() == 1 ? last : s.repeatRows(last, back, RowAxis.SOURCE);
        x = x.plus(encoded.skipped());
        for (Scope layer : s.layers("layers", decoderLayers(c))) {
            x = layer(layer, x, x, 1, sizes);
        }
        return x;
    }

    /** None is legal. */
    private static int decoderLayers(Config c) {
        int layers = c.integer("num_decoder_layers").orElse(2);
        if (layers < 0) {
            throw c.wrong(layers, "0 or more", "num_decoder_layers");
        }
        return layers;
    }

    /** @param unit how many of the model's rows are between two keys */
    private static Value layer(Scope at, Value query, Value keys, int unit, Sizes sizes) {
        Value x = attention(at.in("attention"), query, keys, unit, sizes);
        Scope s = at.in("ffn");
        Value y = Mlp.plain(s, x, x, sizes.inner(), sizes.function(), "linear_1", "linear_2", true);
        return s.layerNorm("layer_norm", x.plus(y), sizes.epsilon());
    }

    private static Value attention(Scope s, Value query, Value keys, int unit, Sizes sizes) {
        int heads = sizes.heads();
        int width = Math.multiplyExact(heads, sizes.headDim());
        Value q = s.linear("q_head", query, width, false);
        Value k = s.linear("k_head", keys, width, true);
        Value v = s.linear("v_head", keys, width, true);
        List<AttentionInputs.Content> content = new ArrayList<>();
        content.add(new AttentionInputs.Content(biased(s, q, "r_r_bias", sizes), distances(s, width, sizes)));
        content.add(new AttentionInputs.Content(biased(s, q, "r_s_bias", sizes), segments(s, width, sizes)));
        KeySet set = new KeySet(
                Reach.ALL,
                new ScoreTerm.Content(ScoreTerm.Side.QUERY, new ScoreTerm.ByDistance(unit), sizes.firstApart()),
                new ScoreTerm.Content(
                        ScoreTerm.Side.QUERY, new ScoreTerm.BySameType(TYPE_OF_FIRST), sizes.firstApart()));
        Op.Attention op = new Op.Attention(heads, heads, 1 / Math.sqrt(sizes.headDim()), Op.Pattern.BIDIRECTIONAL)
                .over(List.of(set));
        AttentionInputs in =
                new AttentionInputs(biased(s, q, "r_w_bias", sizes), List.of(new AttentionInputs.Set(k, v)), content);
        Value attended = s.linear("post_proj", s.attention(in, op, List.of(), null), query, true);
        return s.layerNorm("layer_norm", query.plus(attended), sizes.epsilon());
    }

    /** Stored [heads, width]. */
    private static Value biased(Scope s, Value q, String name, Sizes sizes) {
        return s.shift(q, flat(s.name(name), sizes.heads(), sizes.headDim()));
    }

    private static WeightExpression flat(String name, int heads, int headDim) {
        return new WeightExpression.Reshaped(
                WeightExpression.tensor(name), List.of(heads, headDim), List.of(heads * headDim));
    }

    /** Sines and cosines of distances through the layer's own map, stored [hidden, heads, width]. */
    private static Value distances(Scope s, int width, Sizes sizes) {
        int hidden = sizes.hidden();
        Value waves = s.sinusoids(0, 2.0 / hidden, hidden, RowAxis.SOURCE.distances());
        WeightExpression stored = new WeightExpression.Reshaped(
                WeightExpression.tensor(s.name("r_kernel")),
                List.of(hidden, sizes.heads(), sizes.headDim()),
                List.of(hidden, width));
        return s.linear(waves, width, new WeightExpression.Permuted(stored, List.of(1, 0)), null);
    }

    /** A row for other segments and a row for the same one, stored [2, heads, width]. */
    private static Value segments(Scope s, int width, Sizes sizes) {
        WeightExpression stored = new WeightExpression.Reshaped(
                WeightExpression.tensor(s.name("seg_embed")),
                List.of(2, sizes.heads(), sizes.headDim()),
                List.of(2, width));
        return s.rows(stored, width, RowAxis.SOURCE.fixed("segments", 2));
    }
}
