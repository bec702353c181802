package dev.lockstep.backend.cpu.gemm;

import dev.lockstep.backend.cpu.memory.Slab;

/**
 * A weight of signed bytes, divided into panels of outputs, and its products with unsigned bytes, which are exact
 * 32-bit integers.
 */
interface IntegerWeight extends AutoCloseable {

    /**
     * Stores a panel.
     *
     * @param rows signed bytes {@code [outputs of the panel, inputs]}
     */
    void fill(int panel, Slab rows);

    /** Starts a product; earlier preparations may be dropped. */
    default void begin() {}

    /** Prepares products of this many rows; called by one thread, before workers multiply. */
    void prepare(int rows);

    /**
     * Multiplies.
     *
     * @param from first byte of the activations {@code [rows, inputs]}
     * @param rows as prepared
     * @param products receives {@code [rows, outputs of the panel]}
     */
    void multiply(int worker, int panel, Slab activations, long from, int rows, Slab products);

    /** The weight byte for an input and an output of a panel. */
    byte get(int panel, int input, int output);

    long bytes();

    @Override
    void close();
}
