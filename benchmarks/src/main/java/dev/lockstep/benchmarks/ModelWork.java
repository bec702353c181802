package dev.lockstep.benchmarks;

import dev.lockstep.backend.StepInput;
import dev.lockstep.graph.EntryPoint;
import dev.lockstep.graph.Graph;
import dev.lockstep.graph.Node;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.RowAxis;

/**
 * Floating point operations a step must do, from the model's graph alone: two for each weight of a linear map and row
 * that meets it, two for each feature of a key and of a value that a query meets. Norms and the like are not counted.
 */
final class ModelWork {
    private final double sourceRow;
    private final double targetRow;
    private final double outputRow;
    private final double sourcePair;
    private final double targetPair;
    private final double crossPair;

    ModelWork(Graph graph) {
        double source = 0;
        double target = 0;
        double output = 0;
        double ownSource = 0;
        double ownTarget = 0;
        double cross = 0;
        for (Node node : graph.nodes()) {
            double flops = flopsPerRow(node);
            RowAxis rows = node.output().rows();
            if (rows != null && rows.kind() != RowAxis.Kind.CARRIED) {
                output += flops;
            } else if (rows != null && rows.entry() == EntryPoint.ENCODE) {
                source += flops;
            } else {
                target += flops;
            }
            if (node.op() instanceof Op.Attention) {
                double pair = 2.0 * (node.input(0).width() + node.output().width());
                boolean encoder = rows.entry() == EntryPoint.ENCODE;
                boolean own = rows.entry() == node.input(1).rows().entry();
                ownSource += encoder ? pair : 0;
                ownTarget += !encoder && own ? pair : 0;
                cross += own ? 0 : pair;
            }
        }
        sourceRow = source;
        targetRow = target;
        outputRow = output;
        sourcePair = ownSource;
        targetPair = ownTarget;
        crossPair = cross;
    }

    private static double flopsPerRow(Node node) {
        if (node.op() instanceof Op.Linear || node.op() instanceof Op.HeadLinear) {
            return 2.0 * node.weights().get(0).elements();
        }
        if (node.op() instanceof Op.Experts experts) {
            double held = 0;
            for (int matrix = 0; matrix < 3; matrix++) {
                held += node.weights().get(matrix).elements();
            }
            return 2.0 * held * experts.chosen() / node.input(1).width();
        }
        return 0;
    }

    /** Operations of a step over all ranks; causal attention is counted as far as queries see. */
    double flops(StepInput step) {
        boolean encodes = step.entry == EntryPoint.ENCODE;
        double sum = step.tokens * (encodes ? sourceRow : targetRow) + step.outputRows * outputRow;
        for (int sequence = 0; sequence < step.sequences; sequence++) {
            double rows = step.queryOffsets[sequence + 1] - step.queryOffsets[sequence];
            double keys = step.keyLengths[sequence];
            sum += rows * (encodes ? sourcePair * keys : targetPair * (keys - (rows - 1) / 2));
            sum += encodes ? 0 : rows * crossPair * step.crossLengths[sequence];
        }
        return sum;
    }
}
