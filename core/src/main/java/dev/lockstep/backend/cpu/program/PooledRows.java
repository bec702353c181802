package dev.lockstep.backend.cpu.program;

import dev.lockstep.backend.Pooling;
import dev.lockstep.backend.StepInput;
import dev.lockstep.backend.StepOutput;
import dev.lockstep.backend.cpu.memory.Matrix;
import dev.lockstep.collective.Mesh;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Pools the rows of every sequence into one. Rows never leave the arena: a rank pools the features it holds, and ranks
 * exchange the results, one row per sequence.
 */
final class PooledRows {
    private final Mesh mesh;
    private float[] row = new float[0];
    private double[] sums = new double[0];
    private ByteBuffer own = ByteBuffer.allocateDirect(0);
    private ByteBuffer all = ByteBuffer.allocateDirect(0);

    /** Index of each sequence's first row in this step. */
    private int[] offsets = new int[0];

    PooledRows(Mesh mesh) {
        this.mesh = mesh;
    }

    /**
     * One row per sequence of the step, [sequences, width]; the only allocation.
     *
     * @param rowOffsets index of each sequence's first row
     */
    StepOutput.Rows pool(OutputValue output, StepInput input, int[] rowOffsets) {
        offsets = rowOffsets;
        float[] values = new float[Math.multiplyExact(input.sequences, output.width())];
        int width = output.operand().width();
        if (row.length < width) {
            row = new float[width];
            sums = new double[width];
        }
        int stride = output.width();
        if (output.indices() == null) {
            for (int sequence = 0; sequence < input.sequences; sequence++) {
                pool(output, input, sequence);
                System.arraycopy(row, 0, values, sequence * stride, width);
            }
        } else {
            exchange(output, input, values);
        }
        return new StepOutput.Rows(input.sequences, output.width(), values);
    }

    /** Pools this rank's features of one sequence's rows into {@link #row}. */
    private void pool(OutputValue output, StepInput input, int sequence) {
        int first = offsets[sequence];
        int end = offsets[sequence + 1];
        if (input.pooling != Pooling.MEAN) {
            read(output, input.pooling == Pooling.CLS ? first : end - 1);
            return;
        }
        int width = output.operand().width();
        Arrays.fill(sums, 0, width, 0);
        for (int at = first; at < end; at++) {
            read(output, at);
            for (int column = 0; column < width; column++) {
                sums[column] += row[column];
            }
        }
        for (int column = 0; column < width; column++) {
            row[column] = (float) (sums[column] / (end - first));
        }
    }

    private void read(OutputValue output, int at) {
        Matrix matrix = output.operand().matrix();
        int width = output.operand().width();
        if (matrix.isPlain(width)) {
            matrix.slab().get(matrix.at(at, 0), row, 0, width);
            return;
        }
        for (int column = 0; column < width; column++) {
            row[column] = matrix.get(at, column);
        }
    }

    /** Ranks hold different numbers of features; all send as many as the rank with the most. */
    private void exchange(OutputValue output, StepInput input, float[] values) {
        int most = 0;
        for (int[] held : output.indices()) {
            most = Math.max(most, held.length);
        }
        int bytes = Math.multiplyExact(input.sequences * most, Float.BYTES);
        if (own.capacity() < bytes) {
            own = ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
            all = ByteBuffer.allocateDirect(bytes * mesh.size()).order(ByteOrder.nativeOrder());
        }
        for (int sequence = 0; sequence < input.sequences; sequence++) {
            pool(output, input, sequence);
            for (int column = 0; column < output.operand().width(); column++) {
                own.putFloat((sequence * most + column) * Float.BYTES, row[column]);
            }
        }
        mesh.allGather(own, 0, bytes, all, 0);
        for (int rank = 0; rank < mesh.size(); rank++) {
            int[] held = output.indices()[rank];
            for (int sequence = 0; sequence < input.sequences; sequence++) {
                for (int column = 0; column < held.length; column++) {
                    int at = rank * bytes + (sequence * most + column) * Float.BYTES;
                    values[sequence * output.width() + held[column]] = all.getFloat(at);
                }
            }
        }
    }
}
