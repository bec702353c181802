package dev.lockstep.backend.lowering;

import dev.lockstep.graph.AttentionInputs;
import dev.lockstep.graph.EntryPoint;
import dev.lockstep.graph.Node;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.ScoreTerm;
import dev.lockstep.graph.Value;
import dev.lockstep.graph.Weight;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/** Lowers attention and the ops around it: positions, caches, and rows kept from step to step. */
final class AttentionLowering {
    private final LoweredValues values;
    private final Emission code;
    private final Set<Node> fed = Collections.newSetFromMap(new IdentityHashMap<>());

    AttentionLowering(LoweredValues values) {
        this.values = values;
        this.code = values.code();
    }

    void rotary(Node node, Op.Rotary rotary) {
        View in = code.headRuns(values.complete(node.input(0)), rotary.headDim());
        View out = code.fresh(node.output().rows(), in.width());
        code.emit(new Step.Rotary(rotary, in, out));
        values.putComplete(node, out);
    }

    /** The preceding row: of this step, or the row kept from the previous step. */
    void previous(Node node) {
        View in = code.plain(values.complete(node.input(0)));
        View out = values.fresh(node.output());
        code.emit(new Step.Previous(values.caches().lastRow(node), in, out));
        values.putComplete(node, out);
    }

    void attention(Node node, Op.Attention attention) {
        HeadLayout heads = HeadLayout.of(node, attention, values.split(), values.rank());
        View out = values.fresh(node.output());
        values.putComplete(node, out);
        if (heads.heads() == 0 || heads.valueWidth() == 0) {
            code.emit(new Step.Nothing(out));
            return;
        }
        View query = code.headRuns(values.complete(node.input(0)), heads.queryWidth());
        AttentionLayer layer = layer(node, attention, heads);
        if (attention.pattern() == Op.Pattern.BIDIRECTIONAL) {
            attendRows(AttentionInputs.of(node), layer, query, out);
            return;
        }
        if (attention.pattern() != Op.Pattern.CROSS) {
            writeCache(node, heads);
        }
        CacheLayout caches = values.caches();
        code.emit(new Step.AttendCache(layer, caches.pool(node), caches.tables(node), query, out));
    }

    private void attendRows(AttentionInputs in, AttentionLayer layer, View query, View out) {
        int width = layer.heads().queryWidth();
        List<Step.KeyRows> sets = new ArrayList<>();
        for (AttentionInputs.Set set : in.sets()) {
            View key = code.headRuns(values.complete(set.key()), width);
            sets.add(new Step.KeyRows(
                    key,
                    code.headRuns(values.complete(set.value()), layer.heads().valueWidth())));
        }
        List<Step.ContentRows> content = new ArrayList<>();
        for (AttentionInputs.Content term : in.content()) {
            View rows = code.headRuns(values.complete(term.rows()), width);
            content.add(new Step.ContentRows(rows, code.headRuns(values.complete(term.table()), width)));
        }
        code.emit(new Step.AttendRows(layer, query, sets, content, out));
    }

    private static AttentionLayer layer(Node node, Op.Attention attention, HeadLayout heads) {
        List<Weight> weights = node.weights();
        int tables = attention.terms(ScoreTerm.RelativeBuckets.class).size();
        return new AttentionLayer(
                attention,
                heads,
                weights.subList(0, tables),
                attention.sinks() ? weights.get(weights.size() - 1) : null,
                ScoreProjections.map(node.input(0)),
                ScoreProjections.map(node.input(1)));
    }

    /**
     * Writes the caches of cross-attentions in other entry points whose keys and values have been computed, each once.
     * Called whenever values have been computed, so that the keys and values of one layer at a time take memory, not
     * those of all.
     */
    void feedCrossAttentions(EntryPoint point) {
        for (Node node : values.graph().model().graph().nodes()) {
            if (node.op() instanceof Op.Attention attention
                    && attention.pattern() == Op.Pattern.CROSS
                    && node.input(1).rows().entry() == point
                    && !fed.contains(node)
                    && isComplete(node.input(1))
                    && isComplete(node.input(2))) {
                fed.add(node);
                HeadLayout heads = HeadLayout.of(node, attention, values.split(), values.rank());
                if (heads.keyValueHeads() > 0 && heads.valueWidth() > 0) {
                    writeCache(node, heads);
                }
            }
        }
    }

    private boolean isComplete(Value value) {
        PartialValue found = values.value(value);
        return found != null && found.partial() == null;
    }

    private void writeCache(Node attention, HeadLayout heads) {
        View key = code.headRuns(values.complete(attention.input(1)), heads.queryWidth());
        boolean keysAlone = ((Op.Attention) attention.op()).valuesInKeys();
        View value = keysAlone ? key : code.headRuns(values.complete(attention.input(2)), heads.valueWidth());
        CacheLayout caches = values.caches();
        code.emit(new Step.WriteCache(caches.pool(attention), caches.tables(attention), key, value));
    }
}
