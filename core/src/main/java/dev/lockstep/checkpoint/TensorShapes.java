package dev.lockstep.checkpoint;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Checks shapes that come from files. */
final class TensorShapes {
    private static final int MOST_AXES = 16;

    private TensorShapes() {}

    /** The shape as ints: no axis is longer than that, whatever the size of the tensor. */
    static List<Integer> checked(String path, String tensor, long[] shape) {
        if (shape.length > MOST_AXES) {
            throw new CheckpointException(
                    path + ": tensor " + tensor + " has " + shape.length + " axes, expected at most " + MOST_AXES);
        }
        List<Integer> dimensions = new ArrayList<>(shape.length);
        for (long dimension : shape) {
            if (dimension < 0 || dimension > Integer.MAX_VALUE) {
                throw new CheckpointException(path + ": tensor " + tensor + " has shape " + Arrays.toString(shape)
                        + ", expected axes of 0 to " + Integer.MAX_VALUE);
            }
            dimensions.add((int) dimension);
        }
        return List.copyOf(dimensions);
    }

    /** Bytes of a tensor; an overflow is an error and never a small number. */
    static long bytes(String path, String tensor, long[] shape, DType dtype) {
        try {
            long bytes = dtype.bytes();
            for (long dimension : shape) {
                bytes = Math.multiplyExact(bytes, dimension);
            }
            return bytes;
        } catch (ArithmeticException e) {
            throw new CheckpointException(path + ": tensor " + tensor + " has shape " + Arrays.toString(shape)
                    + ", which is more than 2^63 bytes");
        }
    }
}
