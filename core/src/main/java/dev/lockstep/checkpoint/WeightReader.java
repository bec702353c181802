package dev.lockstep.checkpoint;

import java.nio.FloatBuffer;
import java.util.Map;

/**
 * Reads slices of weights for one rank by position, and counts what it read. Not thread-safe: use one reader per
 * loading thread.
 */
public interface WeightReader extends AutoCloseable {

    /**
     * Reads the elements at the cross product of the index lists, row-major, converted to fp32, into {@code target}
     * from its position on; the position advances by the number of elements.
     *
     * @param weight the expression
     * @param shape the full shape of the weight as the graph declares it; checked against the files
     * @param indices one ascending list per axis; null stands for the whole axis
     * @throws CheckpointException naming file, tensor, shape found and expected, when a tensor is missing, has another
     *     shape or a dtype that cannot be read
     */
    void read(WeightExpression weight, int[] shape, int[][] indices, FloatBuffer target);

    /** Bytes of file tensors that went into slices, by tensor name: what the rank holds, in the stored dtype. */
    Map<String, Long> usefulBytes();

    /** Bytes actually read from the files, gaps that were bridged included. */
    long readBytes();

    @Override
    void close();
}
