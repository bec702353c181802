package dev.lockstep.checkpoint;

import java.nio.FloatBuffer;
import java.util.stream.IntStream;

/** Short ways to read weights in tests. */
final class Reads {
    private Reads() {}

    /** A whole tensor. */
    static float[] whole(Checkpoint checkpoint, String name) {
        TensorInfo info = checkpoint.find(name, TensorNames.EXACT).orElseThrow();
        int[] shape = info.shape().stream().mapToInt(Integer::intValue).toArray();
        return slice(checkpoint, WeightExpression.tensor(name), shape, new int[shape.length][]);
    }

    static float[] slice(Checkpoint checkpoint, WeightExpression weight, int[] shape, int[][] indices) {
        try (WeightReader reader = checkpoint.reader(TensorNames.EXACT)) {
            return slice(reader, weight, shape, indices);
        }
    }

    static float[] slice(WeightReader reader, WeightExpression weight, int[] shape, int[][] indices) {
        int elements = IntStream.range(0, shape.length)
                .map(axis -> indices[axis] == null ? shape[axis] : indices[axis].length)
                .reduce(1, (a, b) -> a * b);
        FloatBuffer target = FloatBuffer.allocate(elements);
        reader.read(weight, shape, indices, target);
        return target.array();
    }
}
