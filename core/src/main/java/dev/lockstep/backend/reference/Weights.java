package dev.lockstep.backend.reference;

import dev.lockstep.backend.lowering.LoweredEntry;
import dev.lockstep.backend.lowering.LoweredProgram;
import dev.lockstep.backend.lowering.NamedStep;
import dev.lockstep.checkpoint.WeightReader;
import dev.lockstep.graph.Dim;
import dev.lockstep.graph.Weight;
import dev.lockstep.partition.Split;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** The rank's part of each weight of a program, row-major. */
final class Weights {
    private final Split split;
    private final int rank;
    private final Map<Weight, float[]> values = new IdentityHashMap<>();

    private Weights(Split split, int rank) {
        this.split = split;
        this.rank = rank;
    }

    /** Reads all weights that a program's steps name. */
    static Weights read(LoweredProgram program, WeightReader reader) {
        Weights weights = new Weights(program.graph().split(), program.graph().rank());
        for (LoweredEntry entry : program.entries()) {
            for (NamedStep step : entry.steps()) {
                for (Weight weight : step.step().weights()) {
                    weights.values.computeIfAbsent(weight, each -> weights.read(each, reader));
                }
            }
        }
        return weights;
    }

    private float[] read(Weight weight, WeightReader reader) {
        List<Dim> dims = weight.dims();
        int[][] indices = new int[dims.size()][];
        int elements = 1;
        for (int axis = 0; axis < indices.length; axis++) {
            indices[axis] = split.local(dims.get(axis), rank);
            elements = Math.multiplyExact(elements, indices[axis].length);
        }
        float[] read = new float[elements];
        if (elements > 0) {
            reader.read(weight.expression(), weight.shape(), indices, FloatBuffer.wrap(read));
        }
        return read;
    }

    /** Elements, the last dimension fastest. */
    float[] of(Weight weight) {
        return values.get(weight);
    }

    /** Null for no weight. */
    float[] orNull(Weight weight) {
        return weight == null ? null : of(weight);
    }

    /** The number of indices of a dimension that the rank holds. */
    int size(Weight weight, int axis) {
        return held(weight, axis).length;
    }

    /** The indices of a dimension that the rank holds, ascending. */
    int[] held(Weight weight, int axis) {
        return split.local(weight.dims().get(axis), rank);
    }

    /**
     * Which inputs of a matrix count on this rank. If ranks sum their products, an input held by several ranks counts
     * on the lowest of them.
     */
    boolean[] counted(Weight matrix) {
        Dim inputs = matrix.dims().get(matrix.dims().size() - 1);
        if (split.splits(inputs)) {
            return split.owned(inputs, rank);
        }
        boolean[] all = new boolean[size(matrix, matrix.dims().size() - 1)];
        Arrays.fill(all, true);
        return all;
    }
}
