package dev.lockstep.backend.cpu.program;

import dev.lockstep.backend.cpu.kernel.SequenceMatrices;
import dev.lockstep.backend.cpu.memory.Matrix;
import dev.lockstep.backend.cpu.memory.Workers;
import dev.lockstep.backend.lowering.Step;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.RowBlocks;
import java.util.Arrays;
import java.util.List;

/** Instructions that move rows within their sequences or between axes. */
final class SequenceInstructions {
    private SequenceInstructions() {}

    /** Dense computations on each sequence. */
    static Instruction perSequence(Step.PerSequence local, List<Operand> inputs, Operand out, Workers workers) {
        SequenceMatrices[] matrices = new SequenceMatrices[workers.threads()];
        Arrays.setAll(matrices, worker -> new SequenceMatrices(local.body()));
        List<Matrix> from = inputs.stream().map(Operand::matrix).toList();
        return step -> {
            int[] offsets = step.axes().offsets(out.rows());
            int items = step.input().sequences * local.heads();
            Workers.Items each = (worker, item) -> {
                int s = item / local.heads();
                int rows = offsets[s + 1] - offsets[s];
                if (rows > 0) {
                    matrices[worker].run(from, offsets[s], rows, item % local.heads(), out.matrix());
                }
            };
            step.workers().run(each, items, Long.MAX_VALUE);
        };
    }

    /** @param places for each column, the offset of the row it is read from; {@code columns} gives the column there */
    static Instruction neighbours(int[] places, int[] columns, Operand in, Operand out) {
        return step -> {
            int[] offsets = step.axes().offsets(out.rows());
            for (int s = 0; s < step.input().sequences; s++) {
                for (int row = offsets[s]; row < offsets[s + 1]; row++) {
                    int end;
                    for (int column = 0; column < columns.length; column = end) {
                        end = run(places, columns, column);
                        int from = row + places[column];
                        int source = from >= offsets[s] && from < offsets[s + 1] ? from : -1;
                        copyRow(in.matrix(), source, columns[column], out.matrix(), row, column, end - column);
                    }
                }
            }
        };
    }

    /** The end of the columns, starting at this one, that are contiguous in one row. */
    private static int run(int[] places, int[] columns, int from) {
        int end = from + 1;
        while (end < columns.length && places[end] == places[from] && columns[end] == columns[end - 1] + 1) {
            end++;
        }
        return end;
    }

    /** Repeats rows of a shorter axis along a longer one. */
    static Instruction repeat(Op.RepeatRows op, Operand in, Operand out) {
        return step -> {
            int[] from = step.axes().offsets(in.rows());
            int[] to = step.axes().offsets(out.rows());
            for (int s = 0; s < step.input().sequences; s++) {
                for (int row = 0; row < to[s + 1] - to[s]; row++) {
                    int source = from[s] + op.source(row);
                    int inside = source < from[s + 1] ? source : -1;
                    copyRow(in.matrix(), inside, 0, out.matrix(), to[s] + row, 0, out.width());
                }
            }
        };
    }

    /** Copies columns of a row to columns of another; zeros for a row below 0. */
    private static void copyRow(Matrix in, int from, int first, Matrix out, int to, int target, int width) {
        if (from >= 0 && in.isPlain(first + width) && out.isPlain(target + width)) {
            out.slab().copy(out.at(to, target), in.slab(), in.at(from, first), width);
            return;
        }
        for (int column = 0; column < width; column++) {
            out.set(to, target + column, from < 0 ? 0 : in.get(from, first + column));
        }
    }

    /** Pools each block of rows into one row. */
    static Instruction pool(Op.PoolRows how, Operand in, Operand out) {
        RowBlocks blocks = out.rows().blocks();
        return step -> {
            int[] from = step.axes().offsets(in.rows());
            int[] to = step.axes().offsets(out.rows());
            for (int s = 0; s < step.input().sequences; s++) {
                int rows = from[s + 1] - from[s];
                for (int block = 0; block < to[s + 1] - to[s]; block++) {
                    int first = from[s] + blocks.first(block, rows);
                    int end = from[s] + blocks.end(block, rows);
                    for (int column = 0; column < out.width(); column++) {
                        out.matrix().set(to[s] + block, column, pooled(how, in.matrix(), first, end, column));
                    }
                }
            }
        };
    }

    private static float pooled(Op.PoolRows how, Matrix in, int first, int end, int column) {
        float pooled = in.get(first, column);
        for (int row = first + 1; row < end; row++) {
            float value = in.get(row, column);
            pooled = switch (how) {
                case SUM, MEAN -> pooled + value;
                case MOST -> Math.max(pooled, value);
                case LEAST -> Math.min(pooled, value);
            };
        }
        return how == Op.PoolRows.MEAN ? pooled / (end - first) : pooled;
    }
}
