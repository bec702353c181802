package dev.lockstep.backend.cpu.gemm;

import dev.lockstep.backend.cpu.memory.Memory;
import dev.lockstep.backend.cpu.memory.Slab;
import dev.lockstep.backend.cpu.memory.WorkerSlabs;

/** Work memory shared by all 8-bit weights of an engine, which run one after another. */
final class Int8Buffers implements AutoCloseable {
    private final Memory memory;
    private Slab activations;
    private float[] scales = new float[0];
    private float[] zeros = new float[0];
    private final WorkerSlabs products;
    private final WorkerSlabs tiles;

    Int8Buffers(Memory memory) {
        this.memory = memory;
        this.activations = memory.allocate(0, "8-bit activations");
        this.products = new WorkerSlabs(memory, "products of bytes");
        this.tiles = new WorkerSlabs(memory, "8-bit activations");
    }

    Memory memory() {
        return memory;
    }

    /**
     * Enlarges buffers that are too small.
     *
     * @param maxRows the most rows of activations
     * @param width the most outputs of a panel
     */
    void ensure(int maxRows, int inputs, int width, int threads) {
        if (activations.byteSize() < (long) maxRows * inputs) {
            activations.close();
            activations = memory.allocate((long) maxRows * inputs, "8-bit activations");
        }
        tiles.ensure((long) PackedWeight.TILE_ROWS * inputs, threads);
        int rows = Math.max(maxRows, threads * PackedWeight.TILE_ROWS);
        if (scales.length < rows) {
            scales = new float[rows];
            zeros = new float[rows];
        }
        products.ensure((long) Int8Weight.PRODUCT_ROWS * width * Integer.BYTES, threads);
    }

    /** Unsigned bytes, {@code [rows, inputs]} of the running weight. */
    Slab activations() {
        return activations;
    }

    /** The scale of each row of activations. */
    float[] scales() {
        return scales;
    }

    /** The zero point of each row of activations: the byte that means 0. */
    float[] zeros() {
        return zeros;
    }

    Slab products(int worker) {
        return products.of(worker);
    }

    /** A worker's buffer for the activations of its tile, {@code [TILE_ROWS, inputs]} of the running weight. */
    Slab tile(int worker) {
        return tiles.of(worker);
    }

    @Override
    public void close() {
        activations.close();
        tiles.close();
        products.close();
    }
}
