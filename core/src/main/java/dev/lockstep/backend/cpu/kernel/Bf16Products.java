package dev.lockstep.backend.cpu.kernel;

import dev.lockstep.backend.cpu.memory.Slab;

/**
 * Products of small matrices in bf16 with fp32 sums, each on the calling thread; used by attention of many queries.
 * Sizes may differ at every call. Indices and strides are in elements.
 */
public interface Bf16Products {

    /**
     * y[i][j] = sum over l of a[i][l] · b[l][j].
     *
     * @param worker the caller's number; workers may call at the same time
     * @param rows of a and y
     * @param columns of b and y
     * @param inner columns of a, rows of b
     * @param a bf16
     * @param b bf16, {@code [inner][columns]}; {@code [columns][inner]} if {@code transposed}
     * @param y fp32; may not overlap a or b
     */
    void multiply(
            int worker,
            int rows,
            int columns,
            int inner,
            Slab a,
            int ai,
            int aStride,
            Slab b,
            int bi,
            int bStride,
            boolean transposed,
            Slab y,
            int yi,
            int yStride);
}
