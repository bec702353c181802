package dev.lockstep.backend.cpu.kernel;

import dev.lockstep.backend.cpu.memory.Lanes;
import dev.lockstep.backend.cpu.memory.Slab;
import dev.lockstep.backend.cpu.memory.VectorSupport;

/**
 * Quantises rows of activations to unsigned bytes with one scale and one zero point per row, and dequantises the sums
 * of byte products. A value is {@code scale · (byte - zero)}. The range of a row is extended to include 0, so that 0 is
 * represented exactly. A row with non-finite values gives non-finite products.
 */
public interface Int8Rows {

    /** The implementation for this JVM: on the Vector API where it is there and wide enough. */
    static Int8Rows best() {
        return Holder.BEST;
    }

    /**
     * Turns a row into bytes.
     *
     * @param xi the row's first float
     * @param zi its first byte
     * @param n numbers of the row
     * @param scales receives the row's scale at {@code row}
     * @param zeros receives the byte that means 0 at {@code row}
     */
    void quantise(Slab x, int xi, Slab z, int zi, int n, float[] scales, float[] zeros, int row);

    /**
     * y = scale · (product · columnScale - zero · columnSum) + bias, by element, of some rows; arrays of columns start
     * at {@code from}.
     *
     * @param products of whole rows of {@code n} 32-bit integers, from 0 on
     * @param scales of rows of activations, the first of them at {@code firstRow}
     * @param zeros of rows of activations
     * @param columnSums sums of each column's bytes, times its scale
     * @param yi the first row's first float; rows are {@code yStride} apart
     * @param n columns
     * @param adds whether y is added to
     */
    void finish(
            Slab products,
            int rows,
            float[] scales,
            float[] zeros,
            int firstRow,
            float[] columnScales,
            float[] columnSums,
            float[] bias,
            int from,
            Slab y,
            int yi,
            int yStride,
            int n,
            boolean adds);

    /** Chooses once; a holder, so that the interface itself does not load vector classes. */
    final class Holder {
        private static final Int8Rows BEST =
                VectorSupport.AVAILABLE && Widths.FIT ? new VectorInt8Rows() : new ScalarInt8Rows();

        private Holder() {}
    }

    /** Kept apart so that vector classes load only where there are some. */
    final class Widths {
        /** Bytes for as many lanes make a vector of 64 bits at least. */
        static final boolean FIT = Lanes.LENGTH >= Long.BYTES;

        private Widths() {}
    }
}
