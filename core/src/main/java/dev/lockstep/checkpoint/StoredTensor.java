package dev.lockstep.checkpoint;

import java.nio.ByteOrder;
import java.util.List;

/**
 * The position of a tensor's elements: the element at index (i, j, ...) starts at byte {@code offset + (i * strides[0]
 * + j * strides[1] + ...) * dtype.bytes()} of the file.
 *
 * @param offset bytes from the start of the file
 * @param strides elements, none negative; row-major unless a {@code .bin} file stores a view
 */
record StoredTensor(TensorInfo info, PositionalFile file, long offset, long[] strides, ByteOrder order) {

    static long[] rowMajor(List<Integer> shape) {
        long[] strides = new long[shape.size()];
        long stride = 1;
        for (int axis = shape.size() - 1; axis >= 0; axis--) {
            strides[axis] = stride;
            stride *= shape.get(axis);
        }
        return strides;
    }
}
