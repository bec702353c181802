package dev.lockstep.backend.cpu.program;

import dev.lockstep.graph.Node;
import dev.lockstep.graph.Op;

/** Lowers norms: over whole rows, over each head, or from statistics that ranks exchange. */
final class NormLowering {
    private final LoweredValues values;
    private final Emission code;

    NormLowering(LoweredValues values) {
        this.values = values;
        this.code = values.code();
    }

    void norm(Node node, Op.Norm norm) {
        NormWeights weights = values.resources().norm(node);
        if (norm.groups() > 1) {
            perHead(node, norm, weights);
            return;
        }
        Operand in = code.plain(values.whole(node.input(0)));
        Operand out = values.fresh(node.output());
        if (!values.split().splits(node.input(0).dim())) {
            code.emit(RowInstructions.norm(norm, weights, in, out, 1), in, out);
        } else {
            Operand statistics = values.statistics(node);
            code.emit(
                    ExchangeInstructions.normFromStatistics(
                            norm, weights, in, statistics, values.graph().ranks(), out),
                    in,
                    statistics,
                    out);
        }
        values.putWhole(node, out);
    }

    private void perHead(Node node, Op.Norm norm, NormWeights weights) {
        int headDim = node.input(0).width() / norm.groups();
        Operand in = code.headRuns(values.whole(node.input(0)), headDim);
        Operand out = code.fresh(node.output().rows(), in.width());
        code.emit(RowInstructions.norm(norm, weights, in, out, in.width() / headDim), in, out);
        values.putWhole(node, out);
    }

    /** The exchange of the statistics of a norm over a split axis. */
    void statistics(Node node) {
        Operand in = code.plain(values.whole(node.input(0)));
        Operand gathered = code.fresh(node.output().rows(), 3 * values.graph().ranks());
        Operand own = code.fresh(node.output().rows(), 3);
        boolean[] owned = values.split().owned(node.input(0).dim(), values.rank());
        code.emit(
                ExchangeInstructions.statistics(
                        in, owned, own, gathered, values.resources().meeting(node)),
                in,
                own,
                gathered);
        values.putStatistics(node, gathered);
    }
}
