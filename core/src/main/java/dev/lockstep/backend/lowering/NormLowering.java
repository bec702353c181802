package dev.lockstep.backend.lowering;

import dev.lockstep.graph.Node;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.Weight;

/** Lowers norms: over whole rows, over each head, or from statistics that ranks exchange. */
final class NormLowering {
    private final LoweredValues values;
    private final Emission code;

    NormLowering(LoweredValues values) {
        this.values = values;
        this.code = values.code();
    }

    void norm(Node node, Op.Norm norm) {
        if (norm.groups() > 1) {
            perHead(node, norm);
            return;
        }
        View in = code.plain(values.complete(node.input(0)));
        View out = values.fresh(node.output());
        if (!values.split().splits(node.input(0).dim())) {
            code.emit(new Step.Norm(norm, scale(node, norm), shift(node, norm), 1, in, out));
        } else {
            int ranks = values.graph().ranks();
            View statistics = values.statistics(node);
            code.emit(new Step.NormFromStatistics(
                    norm, scale(node, norm), shift(node, norm), ranks, in, statistics, out));
        }
        values.putComplete(node, out);
    }

    private void perHead(Node node, Op.Norm norm) {
        int headDim = node.input(0).width() / norm.groups();
        View in = code.headRuns(values.complete(node.input(0)), headDim);
        View out = code.fresh(node.output().rows(), in.width());
        code.emit(new Step.Norm(norm, scale(node, norm), shift(node, norm), in.width() / headDim, in, out));
        values.putComplete(node, out);
    }

    private static Weight scale(Node node, Op.Norm norm) {
        return norm.weight() ? node.weights().get(0) : null;
    }

    private static Weight shift(Node node, Op.Norm norm) {
        return norm.bias() ? node.weights().get(norm.weight() ? 1 : 0) : null;
    }

    /** Exchanges the statistics of a norm over a split axis. */
    void statistics(Node node) {
        View in = code.plain(values.complete(node.input(0)));
        View gathered = code.fresh(
                node.output().rows(), Step.Statistics.NUMBERS * values.graph().ranks());
        View own = code.fresh(node.output().rows(), Step.Statistics.NUMBERS);
        boolean[] owned = values.split().owned(node.input(0).dim(), values.rank());
        code.emit(new Step.Statistics(owned, values.collective(node), in, own, gathered));
        values.putStatistics(node, gathered);
    }
}
