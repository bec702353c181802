package dev.lockstep.checkpoint;

import java.util.List;

/** What a file says of a tensor: its published name, stored dtype, shape, and the file that holds it. */
public record TensorInfo(String name, DType dtype, List<Integer> shape, String file) {

    public long elements() {
        long product = 1;
        for (int dimension : shape) {
            product *= dimension;
        }
        return product;
    }

    public long bytes() {
        return elements() * dtype.bytes();
    }
}
