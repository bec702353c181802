package dev.lockstep.architecture;

import dev.lockstep.checkpoint.Config;
import dev.lockstep.checkpoint.WeightExpression;
import dev.lockstep.graph.AttentionInputs;
import dev.lockstep.graph.GraphBuilder;
import dev.lockstep.graph.KeySet;
import dev.lockstep.graph.Model;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.Reach;
import dev.lockstep.graph.RowAxis;
import dev.lockstep.graph.RowBlocks;
import dev.lockstep.graph.Scope;
import dev.lockstep.graph.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * LongT5 (Guo et al. 2022): T5 whose encoder looks at a window of tokens and, in its transient-global form, at the sums of
 * all blocks of tokens too, made anew from each layer's input.
 */
final class LongT5 implements Architecture {
    private static final ServedClasses CLASSES = ServedClasses.of(
                    "LongT5ForConditionalGeneration", Model.Task.SEQ2SEQ_LM)
            .and("LongT5EncoderModel", Model.Task.ENCODER);

    /** How an encoder's layers attend. */
    private record Encoder(String name, int radius, RowAxis globals) {

        static Encoder of(Config c) {
            int radius = c.sizeOr(127, "local_radius");
            int block = c.sizeOr(16, "global_block_size");
            String form = c.text("encoder_attention_type").orElse("local");
            return switch (form) {
                case "local" -> new Encoder("LocalSelfAttention", radius, null);
                case "transient-global" ->
                    new Encoder(
                            "TransientGlobalSelfAttention",
                            radius,
                            RowAxis.SOURCE.blocks("globals", RowBlocks.of(block, RowBlocks.Rest.JOINED)));
                default -> throw c.wrong("'" + form + "'", "local or transient-global", "encoder_attention_type");
            };
        }
    }

    @Override
    public Set<String> inertKeys() {
        return Set.of("n_positions", "scale_decoder_outputs", "tie_word_embeddings");
    }

    @Override
    public Model build(Config c, StoredTensors stored, GraphBuilder g) {
        Model.Task task = CLASSES.task(c);
        T5Sizes sizes = T5Sizes.of(c);
        return T5.over(encoder(g, sizes, Encoder.of(c)), task, c, stored, g, sizes);
    }

    private static Value encoder(GraphBuilder g, T5Sizes sizes, Encoder form) {
        Scope stack = g.root().in("encoder");
        Value x = g.root().embed("shared", sizes.vocabulary(), sizes.hidden(), RowAxis.SOURCE);
        for (Scope block : stack.layers("block", sizes.layers())) {
            Scope at = block.in("layer").in("0");
            Value y = at.rmsNorm("layer_norm", x, sizes.epsilon());
            x = x.plus(attend(at.in(form.name()), stack, x, y, sizes, form));
            x = T5.feedForward(block.in("layer").in("1"), x, sizes);
        }
        return stack.rmsNorm("final_layer_norm", x, sizes.epsilon());
    }

    /** The tables of distances stand in the first block and serve all. */
    private static Value attend(Scope s, Scope stack, Value x, Value y, T5Sizes sizes, Encoder form) {
        int width = Math.multiplyExact(sizes.heads(), sizes.headDim());
        String first = "block.0.layer.0." + form.name() + ".";
        List<KeySet> keys = new ArrayList<>();
        List<AttentionInputs.Set> sets = new ArrayList<>();
        List<WeightExpression> tables = new ArrayList<>();
        keys.add(new KeySet(Reach.window(form.radius() + 1), sizes.relative(true)));
        sets.add(keysOf(s, y, width));
        tables.add(WeightExpression.tensor(stack.name(first + "relative_attention_bias.weight")));
        if (form.globals() != null) {
            Value sums = s.poolRows(y, Op.PoolRows.SUM, form.globals());
            Value normed = s.rmsNorm("global_input_layer_norm", sums, sizes.epsilon());
            keys.add(new KeySet(Reach.ALL, sizes.relative(true)));
            sets.add(keysOf(s, normed, width));
            tables.add(WeightExpression.tensor(stack.name(first + "global_relative_attention_bias.weight")));
        }
        Op.Attention op = new Op.Attention(sizes.heads(), sizes.heads(), 1, Op.Pattern.BIDIRECTIONAL).over(keys);
        Value q = s.linear("q", y, width, false);
        Value attended = s.attention(new AttentionInputs(q, sets, List.of()), op, tables, null);
        return s.linear("o", attended, x, false);
    }

    private static AttentionInputs.Set keysOf(Scope s, Value y, int width) {
        return new AttentionInputs.Set(s.linear("k", y, width, false), s.linear("v", y, width, false));
    }
}
