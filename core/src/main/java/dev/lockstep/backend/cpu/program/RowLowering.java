package dev.lockstep.backend.cpu.program;

import dev.lockstep.graph.Node;
import dev.lockstep.graph.Op;
import dev.lockstep.partition.Split;
import java.util.List;
import java.util.stream.IntStream;

/** Lowers what works number by number: each half of a lazy pair by itself where the op is linear. */
final class RowLowering {
    private final LoweredValues values;
    private final Emission code;

    RowLowering(LoweredValues values) {
        this.values = values;
        this.code = values.code();
    }

    /** An instruction from one operand to another. */
    interface Unary {
        Instruction of(Operand from, Operand to);
    }

    /** Ops that act on both halves of the lazy pair alike. */
    void each(Node node, Unary unary) {
        Slot in = values.slot(node.input(0));
        values.put(node, new Slot(map(node, unary, in.whole()), map(node, unary, in.sum())));
    }

    private Operand map(Node node, Unary unary, Operand from) {
        if (from == null) {
            return null;
        }
        Operand to = code.fresh(node.output().rows(), from.width());
        code.emit(unary.of(from, to), from, to);
        return to;
    }

    /**
     * Ops that need their input complete. Columns that all ranks have are an instruction of their own where others are
     * split: a vector loop and its tail may differ in the last bits, so those columns must lie alike on all ranks.
     */
    void whole(Node node, Unary unary) {
        Operand in = values.whole(node.input(0));
        List<Split.Run> runs = values.split().runs(node.output().dim(), values.rank());
        if (runs.size() <= 1) {
            values.putWhole(node, map(node, unary, in));
            return;
        }
        Operand from = code.plain(in);
        Operand to = code.fresh(node.output().rows(), from.width());
        for (Split.Run run : runs) {
            int[] columns = IntStream.range(run.from(), run.to()).toArray();
            Operand part = code.remember(from.select(columns));
            Operand target = code.remember(to.select(columns));
            code.emit(unary.of(part, target), part, target);
        }
        values.putWhole(node, to);
    }

    /** Whatever the map of the linear node before did not take over. */
    void activate(Node node, Op.Activate activate) {
        if (values.slot(node) == null) {
            whole(node, (from, to) -> RowInstructions.activate(from, to, activate.function()));
        }
    }

    void add(Node node) {
        Slot first = values.slot(node.input(0));
        Slot second = values.slot(node.input(1));
        values.put(node, new Slot(sum(node, first.whole(), second.whole()), sum(node, first.sum(), second.sum())));
    }

    /** One operand stands for itself: adding to nothing moves nothing. */
    private Operand sum(Node node, Operand first, Operand second) {
        if (first == null || second == null) {
            return first == null ? second : first;
        }
        Operand to = code.fresh(node.output().rows(), first.width());
        code.emit(RowInstructions.add(first, second, to), first, second, to);
        return to;
    }

    /** A product whose factor is whole; the other may be a lazy pair. */
    void multiply(Node node, boolean byRow) {
        Slot first = values.slot(node.input(0));
        Slot second = values.slot(node.input(1));
        boolean factorFirst = !byRow && first.sum() == null;
        Slot pair = factorFirst ? second : first;
        Operand factor = factorFirst ? first.whole() : second.whole();
        values.put(
                node, new Slot(product(node, pair.whole(), factor, byRow), product(node, pair.sum(), factor, byRow)));
    }

    private Operand product(Node node, Operand one, Operand factor, boolean byRow) {
        if (one == null) {
            return null;
        }
        Operand to = code.fresh(node.output().rows(), one.width());
        Instruction instruction =
                byRow ? RowInstructions.scaleRows(one, factor, to) : RowInstructions.multiply(one, factor, to);
        code.emit(instruction, one, factor, to);
        return to;
    }
}
