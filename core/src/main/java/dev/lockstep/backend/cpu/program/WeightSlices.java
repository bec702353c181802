package dev.lockstep.backend.cpu.program;

import dev.lockstep.backend.cpu.memory.PanelSource;
import dev.lockstep.checkpoint.WeightReader;
import dev.lockstep.graph.Dim;
import dev.lockstep.graph.Weight;
import dev.lockstep.partition.Split;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;

/** Reads the parts of weights that a rank holds: panels of matrices, whole vectors. */
final class WeightSlices {
    private final WeightReader reader;
    private final Split split;
    private final int rank;

    WeightSlices(WeightReader reader, Split split, int rank) {
        this.reader = reader;
        this.split = split;
        this.rank = rank;
    }

    int[] local(Weight weight, int axis) {
        return split.local(weight.dims().get(axis), rank);
    }

    /**
     * The rows {@code rows} of a matrix that the rank holds, with all local columns.
     *
     * @param summed whether columns are contracted: a column that a lower rank also holds counts there, and is zero
     *     here
     */
    PanelSource panels(Weight weight, int[] rows, boolean summed) {
        int[] columns = local(weight, 1);
        boolean shares = summed && split.splits(weight.dims().get(1));
        boolean[] owned = shares ? split.owned(weight.dims().get(1), rank) : null;
        return (from, to, target) -> {
            int begin = target.position();
            int[][] indices = {
                Arrays.copyOfRange(rows, from, to), wholeOrNull(weight.dims().get(1), columns)
            };
            reader.read(weight.expression(), weight.shape(), indices, target);
            if (owned != null) {
                clearForeign(target, begin, to - from, owned);
            }
        };
    }

    /** The local part of one plane of a weight with three axes; planes are along the first axis. */
    PanelSource plane(Weight weight, int index) {
        int[] rows = local(weight, 1);
        int[] columns = wholeOrNull(weight.dims().get(2), local(weight, 2));
        return (from, to, target) -> {
            int[][] indices = {{index}, Arrays.copyOfRange(rows, from, to), columns};
            reader.read(weight.expression(), weight.shape(), indices, target);
        };
    }

    private static int[] wholeOrNull(Dim dim, int[] list) {
        return list.length == dim.size() ? null : list;
    }

    private static void clearForeign(FloatBuffer target, int begin, int rows, boolean[] owned) {
        for (int column = 0; column < owned.length; column++) {
            if (!owned[column]) {
                for (int row = 0; row < rows; row++) {
                    target.put(begin + row * owned.length + column, 0f);
                }
            }
        }
    }

    /** The local elements of a vector. */
    float[] vector(Weight weight) {
        int[] local = local(weight, 0);
        float[] values = new float[local.length];
        reader.read(weight.expression(), weight.shape(), new int[][] {local}, FloatBuffer.wrap(values));
        return values;
    }

    /** The local part of a small matrix, row-major. */
    float[] matrix(Weight weight) {
        int[] rows = local(weight, 0);
        int[] columns = local(weight, 1);
        float[] values = new float[rows.length * columns.length];
        reader.read(weight.expression(), weight.shape(), new int[][] {rows, columns}, FloatBuffer.wrap(values));
        return values;
    }

    /** The local indices of an axis, in runs that must be separate products: {@link Split#runs}. */
    List<Split.Run> runs(Weight weight, int axis) {
        return split.runs(weight.dims().get(axis), rank);
    }
}
