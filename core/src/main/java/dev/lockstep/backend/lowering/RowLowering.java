package dev.lockstep.backend.lowering;

import dev.lockstep.graph.Node;
import dev.lockstep.graph.Op;
import dev.lockstep.partition.Split;
import java.util.List;
import java.util.stream.IntStream;

/** Lowers element-wise ops. Linear ops are applied to each part of a partial value separately. */
final class RowLowering {
    private final LoweredValues values;
    private final Emission code;

    RowLowering(LoweredValues values) {
        this.values = values;
        this.code = values.code();
    }

    /** A step from one view to another. */
    interface Unary {
        Step of(View from, View to);
    }

    /** Ops that are applied to both parts of a partial value in the same way. */
    void each(Node node, Unary unary) {
        PartialValue in = values.value(node.input(0));
        values.put(node, new PartialValue(map(node, unary, in.replicated()), map(node, unary, in.partial())));
    }

    private View map(Node node, Unary unary, View from) {
        if (from == null) {
            return null;
        }
        View to = code.fresh(node.output().rows(), from.width());
        code.emit(unary.of(from, to));
        return to;
    }

    /**
     * Ops that need their input complete. If some columns are replicated and others split, the replicated ones get a
     * step of their own. A vector loop and its tail may differ in the last bits, so replicated columns must have the
     * same layout on all ranks.
     */
    void whole(Node node, Unary unary) {
        View in = values.complete(node.input(0));
        List<Split.Run> runs = values.split().runs(node.output().dim(), values.rank());
        if (runs.size() <= 1) {
            values.putComplete(node, map(node, unary, in));
            return;
        }
        View from = code.plain(in);
        View to = code.fresh(node.output().rows(), from.width());
        for (Split.Run run : runs) {
            int[] columns = IntStream.range(run.from(), run.to()).toArray();
            View part = from.select(columns);
            View target = to.select(columns);
            code.emit(unary.of(part, target));
        }
        values.putComplete(node, to);
    }

    /**
     * Ops that need their input complete and whose result for an element has the same bits wherever the element lies.
     */
    void exact(Node node, Unary unary) {
        values.putComplete(node, map(node, unary, values.complete(node.input(0))));
    }

    /** Lowers an activation unless the preceding linear map has already fused it. */
    void activate(Node node, Op.Activate activate) {
        if (values.value(node) == null) {
            whole(node, (from, to) -> new Step.Activate(activate.function(), from, to));
        }
    }

    void add(Node node) {
        PartialValue first = values.value(node.input(0));
        PartialValue second = values.value(node.input(1));
        values.put(
                node,
                new PartialValue(
                        sum(node, first.replicated(), second.replicated()),
                        sum(node, first.partial(), second.partial())));
    }

    /** A sum with one missing operand is an alias of the other; nothing is moved. */
    private View sum(Node node, View first, View second) {
        if (first == null || second == null) {
            return first == null ? second : first;
        }
        View to = code.fresh(node.output().rows(), first.width());
        code.emit(new Step.Add(first, second, to));
        return to;
    }

    /** A product with a factor that is complete; the other operand may be partial. */
    void multiply(Node node, boolean byRow) {
        PartialValue first = values.value(node.input(0));
        PartialValue second = values.value(node.input(1));
        boolean factorFirst = !byRow && first.partial() == null;
        PartialValue other = factorFirst ? second : first;
        View factor = factorFirst ? first.replicated() : second.replicated();
        values.put(
                node,
                new PartialValue(
                        product(node, other.replicated(), factor, byRow),
                        product(node, other.partial(), factor, byRow)));
    }

    private View product(Node node, View one, View factor, boolean byRow) {
        if (one == null) {
            return null;
        }
        View to = code.fresh(node.output().rows(), one.width());
        code.emit(byRow ? new Step.ScaleRows(one, factor, to) : new Step.Multiply(one, factor, to));
        return to;
    }
}
