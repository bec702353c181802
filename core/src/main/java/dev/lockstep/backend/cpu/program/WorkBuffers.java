package dev.lockstep.backend.cpu.program;

import dev.lockstep.backend.Limits;
import dev.lockstep.backend.Precision;
import dev.lockstep.backend.cpu.kernel.MatrixScratch;
import dev.lockstep.backend.lowering.HeadLayout;
import dev.lockstep.backend.lowering.LoweredProgram;
import dev.lockstep.backend.lowering.WeightPrecisions;
import dev.lockstep.graph.Node;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.Weight;
import dev.lockstep.partition.RankGraph;
import java.util.List;

/**
 * Large kernel buffers outside the arena: activations rounded to bf16 or int8, and the operands of attention with many
 * queries. All other buffers take kilobytes and are found when a step is probed. Where attention packs a sequence's
 * keys and values as fp32, they are in the Java heap.
 */
final class WorkBuffers {
    private WorkBuffers() {}

    /**
     * Bytes for the largest step of these limits.
     *
     * @param threads of the rank
     */
    static long bytes(LoweredProgram program, Limits limits, Precision precision, int threads) {
        return switch (precision) {
            case BF16, INT8 -> roundedActivations(program, limits) + threads * attention(program.graph());
            // Activations are multiplied without conversion.
            case FP32, FP16 -> 0;
        };
    }

    /** Bytes per worker; all layers share the buffer. */
    private static long attention(RankGraph graph) {
        long most = 0;
        for (Node node : graph.model().graph().nodes()) {
            if (node.op() instanceof Op.Attention attention && !attention.valuesInKeys()) {
                HeadLayout layout = HeadLayout.of(node, attention, graph.split(), graph.rank());
                if (layout.heads() > 0 && layout.valueWidth() > 0) {
                    long bytes = MatrixScratch.bytes(layout.heads(), layout.queryWidth(), layout.valueWidth());
                    most = Math.max(most, bytes);
                }
            }
        }
        return most;
    }

    private static long roundedActivations(LoweredProgram program, Limits limits) {
        RankGraph graph = program.graph();
        WeightPrecisions precisions = program.precisions();
        long widest = 0;
        for (Node node : graph.model().graph().nodes()) {
            boolean multiplies = node.op() instanceof Op.Linear
                    || node.op() instanceof Op.HeadLinear
                    || node.op() instanceof Op.Experts;
            for (Weight weight : multiplies ? node.weights() : List.<Weight>of()) {
                if (weight.dims().size() > 1) {
                    int last = weight.dims().size() - 1;
                    long inputs = graph.split().local(weight.dims().get(last), graph.rank()).length;
                    widest = Math.max(widest, inputs * bytes(weight, precisions));
                }
            }
        }
        return program.mostRows(limits) * widest;
    }

    /** Bytes per activation that this weight multiplies, beside its fp32 value. */
    private static int bytes(Weight weight, WeightPrecisions precisions) {
        return switch (precisions.of(weight)) {
            case BF16 -> precisions.need(weight) != WeightPrecisions.Need.ONE_PART ? 2 * Short.BYTES : Short.BYTES;
            case INT8 -> Byte.BYTES;
            case FP32, FP16 -> 0;
        };
    }
}
