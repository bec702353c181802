package dev.lockstep.backend.cpu.program;

import dev.lockstep.graph.CacheGroups;
import dev.lockstep.graph.Node;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.Value;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;

/** Lowers attention and what stands around it: positions, caches, rows kept from step to step. */
final class AttentionLowering {
    private final LoweredValues values;
    private final Emission code;
    private final CacheGroups groups;
    private final Set<Node> fed = Collections.newSetFromMap(new IdentityHashMap<>());

    AttentionLowering(LoweredValues values) {
        this.values = values;
        this.code = values.code();
        this.groups = CacheGroups.of(values.graph().model().graph());
    }

    void rotary(Node node, Op.Rotary rotary) {
        Operand in = code.headRuns(values.whole(node.input(0)), rotary.headDim());
        Operand out = code.fresh(node.output().rows(), in.width());
        code.emit(AttentionInstructions.rotary(rotary, values.resources().angles(rotary.table()), in, out), in, out);
        values.putWhole(node, out);
    }

    /** The row before: of this step, or the one kept of the last. */
    void previous(Node node) {
        Operand in = code.plain(values.whole(node.input(0)));
        Operand out = values.fresh(node.output());
        code.emit(AttentionInstructions.previous(values.resources().lastRows(node), in, out), in, out);
        values.putWhole(node, out);
    }

    void attention(Node node, Op.Attention attention) {
        HeadLayout layout = HeadLayout.of(node, attention, values.split(), values.rank());
        Operand out = values.fresh(node.output());
        values.putWhole(node, out);
        if (layout.heads() == 0 || layout.valueWidth() == 0) {
            code.emit(step -> {}, out);
            return;
        }
        Operand query = code.headRuns(values.whole(node.input(0)), layout.queryWidth());
        if (attention.pattern() == Op.Pattern.BIDIRECTIONAL) {
            Operand key = code.headRuns(values.whole(node.input(1)), layout.queryWidth());
            Operand value = code.headRuns(values.whole(node.input(2)), layout.valueWidth());
            code.emit(
                    AttentionInstructions.overRows(values.resources().overRows(node, layout), query, key, value, out),
                    query,
                    key,
                    value,
                    out);
            return;
        }
        boolean cross = attention.pattern() == Op.Pattern.CROSS;
        if (!cross) {
            writeCache(node, layout);
        }
        code.emit(
                AttentionInstructions.overCache(
                        values.resources().paged(node, layout),
                        values.resources().cache(node),
                        tables(node),
                        cross,
                        attention.resetToken().isPresent(),
                        query,
                        out),
                query,
                out);
    }

    /**
     * Writes the caches of cross-attentions in other entry points whose keys and values are there, each once. Called as
     * values come, so that those of one layer at a time need memory, not those of all.
     */
    void feedCrossAttentions(String axis) {
        for (Node node : values.graph().model().graph().nodes()) {
            if (node.op() instanceof Op.Attention attention
                    && attention.pattern() == Op.Pattern.CROSS
                    && node.input(1).rows().name().equals(axis)
                    && !fed.contains(node)
                    && isThere(node.input(1))
                    && isThere(node.input(2))) {
                fed.add(node);
                HeadLayout layout = HeadLayout.of(node, attention, values.split(), values.rank());
                if (layout.keyValueHeads() > 0 && layout.valueWidth() > 0) {
                    writeCache(node, layout);
                }
            }
        }
    }

    private boolean isThere(Value value) {
        Slot slot = values.slot(value);
        return slot != null && slot.sum() == null;
    }

    private void writeCache(Node attention, HeadLayout layout) {
        Operand key = code.headRuns(values.whole(attention.input(1)), layout.queryWidth());
        boolean keysAlone = ((Op.Attention) attention.op()).valuesInKeys();
        Operand value = keysAlone ? key : code.headRuns(values.whole(attention.input(2)), layout.valueWidth());
        code.emit(
                AttentionInstructions.writeCache(values.resources().cache(attention), tables(attention), key, value),
                key,
                value);
    }

    private AttentionInstructions.Tables tables(Node node) {
        if (((Op.Attention) node.op()).pattern() == Op.Pattern.CROSS) {
            return input -> input.cross;
        }
        int group = groups.of(node);
        return input -> input.groups[group];
    }
}
