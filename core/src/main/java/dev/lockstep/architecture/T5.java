package dev.lockstep.architecture;

import dev.lockstep.checkpoint.Config;
import dev.lockstep.checkpoint.TensorNames;
import dev.lockstep.checkpoint.WeightExpression;
import dev.lockstep.graph.GraphBuilder;
import dev.lockstep.graph.Model;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.RowAxis;
import dev.lockstep.graph.Scope;
import dev.lockstep.graph.ScoreTerm;
import dev.lockstep.graph.Value;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/**
 * T5 (Raffel et al. 2020) in its versions 1.0 and 1.1, and its encoder alone: pre-RMSNorm blocks without biases, scores
 * without scaling, one table of relative biases per stack, which stands in the first block and serves all.
 */
final class T5 implements Architecture {
    /** The token table is stored once or under the names of the stacks that share it. */
    private static final TensorNames NAMES =
            new TensorNames(List.of(List.of("shared.", "encoder.embed_tokens.", "decoder.embed_tokens.")));

    private static final String TABLE = "shared.weight";
    private static final String HEAD = "lm_head.weight";

    private static final ServedClasses CLASSES = ServedClasses.of("T5ForConditionalGeneration", Model.Task.SEQ2SEQ_LM)
            .and("T5WithLMHeadModel", Model.Task.SEQ2SEQ_LM)
            .and("T5EncoderModel", Model.Task.ENCODER);

    @Override
    public Set<String> inertKeys() {
        // The last two are read where there is a head.
        return Set.of("n_positions", "scale_decoder_outputs", "tie_word_embeddings");
    }

    @Override
    public Model build(Config c, StoredTensors stored, GraphBuilder g) {
        Model.Task task = CLASSES.task(c);
        T5Sizes sizes = T5Sizes.of(c);
        return over(encoder(g, sizes), task, c, stored, g, sizes);
    }

    /** The model whose encoder yields this; with a decoder and a head where the task is to generate. */
    static Model over(Value memory, Model.Task task, Config c, StoredTensors stored, GraphBuilder g, T5Sizes sizes) {
        int decoderLayers = c.sizeOr(sizes.layers(), "num_decoder_layers");
        if (task == Model.Task.ENCODER) {
            g.output("hidden", memory);
        } else {
            g.output("encoder", memory);
            head(g, decoder(g, sizes, decoderLayers, memory), c, stored, sizes);
        }
        return new Model(task, g.finish(), NAMES, OptionalInt.empty(), sizes.vocabulary());
    }

    private static Value encoder(GraphBuilder g, T5Sizes sizes) {
        Scope stack = g.root().in("encoder");
        WeightExpression table = biasTable(stack);
        Value x = g.root().embed("shared", sizes.vocabulary(), sizes.hidden(), RowAxis.SOURCE);
        for (Scope block : stack.layers("block", sizes.layers())) {
            Scope sublayers = block.in("layer");
            Op.Attention op = attention(sizes, Op.Pattern.BIDIRECTIONAL, sizes.relative(true));
            x = selfAttention(sublayers.in("0"), x, op, table, sizes);
            x = feedForward(sublayers.in("1"), x, sizes);
        }
        return stack.rmsNorm("final_layer_norm", x, sizes.epsilon());
    }

    private static Value decoder(GraphBuilder g, T5Sizes sizes, int layers, Value memory) {
        Scope stack = g.root().in("decoder");
        WeightExpression table = biasTable(stack);
        Value x = g.root().embed("shared", sizes.vocabulary(), sizes.hidden(), RowAxis.TARGET);
        for (Scope block : stack.layers("block", layers)) {
            Scope sublayers = block.in("layer");
            Op.Attention op = attention(sizes, Op.Pattern.CAUSAL, sizes.relative(false));
            x = selfAttention(sublayers.in("0"), x, op, table, sizes);
            x = crossAttention(sublayers.in("1"), x, memory, sizes);
            x = feedForward(sublayers.in("2"), x, sizes);
        }
        return stack.rmsNorm("final_layer_norm", x, sizes.epsilon());
    }

    private static WeightExpression biasTable(Scope stack) {
        return WeightExpression.tensor(stack.name("block.0.layer.0.SelfAttention.relative_attention_bias.weight"));
    }

    private static Op.Attention attention(T5Sizes sizes, Op.Pattern pattern, ScoreTerm... terms) {
        return Attentions.plain(sizes.heads(), 1, pattern, terms);
    }

    private static Value selfAttention(Scope at, Value x, Op.Attention op, WeightExpression table, T5Sizes sizes) {
        Value y = at.rmsNorm("layer_norm", x, sizes.epsilon());
        return x.plus(attend(at.in("SelfAttention"), x, y, y, op, table, sizes));
    }

    private static Value crossAttention(Scope at, Value x, Value memory, T5Sizes sizes) {
        Value y = at.rmsNorm("layer_norm", x, sizes.epsilon());
        Op.Attention op = attention(sizes, Op.Pattern.CROSS);
        return x.plus(attend(at.in("EncDecAttention"), x, y, memory, op, null, sizes));
    }

    private static Value attend(
            Scope s, Value x, Value y, Value memory, Op.Attention op, WeightExpression table, T5Sizes sizes) {
        int width = Math.multiplyExact(sizes.heads(), sizes.headDim());
        Value q = s.linear("q", y, width, false);
        Value k = s.linear("k", memory, width, false);
        Value v = s.linear("v", memory, width, false);
        return s.linear("o", s.attention(q, k, v, op, table), x, false);
    }

    static Value feedForward(Scope at, Value x, T5Sizes sizes) {
        Value y = at.rmsNorm("layer_norm", x, sizes.epsilon());
        Scope s = at.in("DenseReluDense");
        Mlp.GatedNames names = new Mlp.GatedNames("wi_0", "wi_1", "wo");
        return x.plus(
                sizes.gated()
                        ? Mlp.gated(s, names, x, y, sizes.inner(), sizes.function(), false)
                        : Mlp.plain(s, x, y, sizes.inner(), sizes.function(), "wi", "wo", false));
    }

    /**
     * Version 1.0 ties the head and scales its input by the root of the width; 1.1 does neither. Newer configs say the
     * scaling in a key of its own and {@code tie_word_embeddings} true for both versions: there the stored head tells.
     */
    private static void head(GraphBuilder g, Value x, Config c, StoredTensors stored, T5Sizes sizes) {
        boolean tied = c.flag(true, "tie_word_embeddings");
        boolean scaled = c.flag(tied, "scale_decoder_outputs");
        boolean own = tied && !scaled && stored.surelyHold(HEAD, NAMES);
        WeightExpression matrix =
                own ? WeightExpression.tensor(HEAD) : Heads.matrix(c, stored, NAMES, true, TABLE, HEAD);
        g.root().logits(scaled ? x.times(1 / Math.sqrt(sizes.hidden())) : x, sizes.vocabulary(), matrix, null);
    }
}
