package dev.lockstep.backend.cpu.gemm;

import dev.lockstep.backend.cpu.memory.Slab;

/** Work memory that all 8-bit weights of an engine share: they run one after the other. */
final class Int8Buffers implements AutoCloseable {
    private Slab activations = Slab.allocate(0, "8-bit activations");
    private float[] scales = new float[0];
    private float[] zeros = new float[0];
    private Slab[] products = new Slab[0];

    /**
     * Grows what is too small.
     *
     * @param rows rows of activations at most
     * @param width outputs of a panel at most
     */
    void ensure(int rows, int inputs, int width, int threads) {
        if (activations.byteSize() < (long) rows * inputs) {
            activations.close();
            activations = Slab.allocate((long) rows * inputs, "8-bit activations");
        }
        if (scales.length < rows) {
            scales = new float[rows];
            zeros = new float[rows];
        }
        long bytes = (long) Int8Weight.ROW_TILE * width * Integer.BYTES;
        if (products.length < threads || products[0].byteSize() < bytes) {
            closeProducts();
            products = new Slab[threads];
            for (int i = 0; i < threads; i++) {
                products[i] = Slab.allocate(bytes, "products of bytes");
            }
        }
    }

    /** Unsigned bytes, {@code [rows, inputs]} of the weight that runs. */
    Slab activations() {
        return activations;
    }

    /** The scale of each row of activations. */
    float[] scales() {
        return scales;
    }

    /** The byte that means 0 in each row of activations. */
    float[] zeros() {
        return zeros;
    }

    Slab products(int worker) {
        return products[worker];
    }

    private void closeProducts() {
        for (Slab slab : products) {
            slab.close();
        }
    }

    @Override
    public void close() {
        activations.close();
        closeProducts();
    }
}
