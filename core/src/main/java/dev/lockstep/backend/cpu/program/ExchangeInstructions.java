package dev.lockstep.backend.cpu.program;

import dev.lockstep.backend.cpu.kernel.SplitNorms;
import dev.lockstep.backend.cpu.memory.Matrix;
import dev.lockstep.graph.Op;
import java.nio.ByteBuffer;

/** Instructions that run collectives. */
final class ExchangeInstructions {
    private ExchangeInstructions() {}

    /** All-reduce of a plain operand that is a whole buffer, in place. */
    static Instruction allReduce(Operand sum, CollectiveCounter counter) {
        return step -> {
            Matrix matrix = sum.matrix();
            int floats = step.rows(sum.rows()) * sum.width();
            step.mesh().allReduceSum(matrix.slab().bytes(), matrix.offset() * Float.BYTES, floats);
            counter.count();
        };
    }

    /** All-gathers count, mean and M2 of each row's local columns, rank by rank. */
    static Instruction statistics(
            Operand in, boolean[] owned, Operand own, Operand gathered, CollectiveCounter counter) {
        boolean[] columns = allTrue(owned) ? null : owned;
        return step -> {
            int rows = step.rows(in.rows());
            step.kernels().splitNorms().statistics(in.matrix(), rows, in.width(), columns, own.matrix());
            ByteBuffer source = own.matrix().slab().bytes();
            ByteBuffer target = gathered.matrix().slab().bytes();
            int bytes = rows * SplitNorms.STATISTICS * Float.BYTES;
            step.mesh()
                    .allGather(
                            source,
                            own.matrix().offset() * Float.BYTES,
                            bytes,
                            target,
                            gathered.matrix().offset() * Float.BYTES);
            counter.count();
        };
    }

    private static boolean allTrue(boolean[] flags) {
        for (boolean flag : flags) {
            if (!flag) {
                return false;
            }
        }
        return true;
    }

    /** Normalises the local columns with the statistics of all ranks. */
    static Instruction normFromStatistics(
            Op.Norm norm, NormWeights weights, Operand in, Operand gathered, int ranks, Operand out) {
        Matrix byRank = new Matrix(null, 0, 0);
        return step -> {
            int rows = step.rows(in.rows());
            Matrix place = gathered.matrix();
            // A row of the buffer has room for all ranks; the ranks' parts lie one after another in it.
            byRank.point(place.slab(), place.offset(), SplitNorms.STATISTICS);
            SplitNorms.combine(byRank, ranks, rows, byRank);
            step.kernels()
                    .splitNorms()
                    .apply(
                            RowInstructions.normKind(norm.kind()),
                            in.matrix(),
                            byRank,
                            out.matrix(),
                            rows,
                            in.width(),
                            weights.scale(),
                            weights.shift(),
                            (float) norm.epsilon());
        };
    }
}
