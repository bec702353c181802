package dev.lockstep.backend.cpu.kernel;

import dev.lockstep.backend.cpu.memory.Slab;

/** Without the Vector API; also the tails of the vector loops. */
final class ScalarInt8Rows implements Int8Rows {

    static final int LARGEST = 255;

    @Override
    public void quantise(Slab x, int xi, Slab z, int zi, int n, float[] scales, float[] zeros, int row) {
        float low = 0;
        float high = 0;
        for (int i = 0; i < n; i++) {
            low = Math.min(low, x.get(xi + i));
            high = Math.max(high, x.get(xi + i));
        }
        range(low, high, scales, zeros, row);
        store(x, xi, z, zi, n, inverse(low, high), zeros[row]);
    }

    /** The scale and zero of a range that holds 0. */
    static void range(float low, float high, float[] scales, float[] zeros, int row) {
        scales[row] = (high - low) / LARGEST;
        zeros[row] = (float) Math.rint(-low * inverse(low, high));
    }

    /** Steps a unit has in the range; 0 for a row of zeros, or of nothing above 1e-36. */
    static float inverse(float low, float high) {
        float inverse = LARGEST / (high - low);
        return Float.isInfinite(inverse) ? 0 : inverse;
    }

    static void store(Slab x, int xi, Slab z, int zi, int n, float inverse, float zero) {
        for (int i = 0; i < n; i++) {
            int value = (int) Math.rint(Math.fma(x.get(xi + i), inverse, zero));
            z.bytes().put(zi + i, (byte) Math.max(0, Math.min(LARGEST, value)));
        }
    }

    @Override
    public void finish(
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
            boolean adds) {
        finish(
                products,
                rows,
                scales,
                zeros,
                firstRow,
                columnScales,
                columnSums,
                bias,
                from,
                y,
                yi,
                yStride,
                n,
                adds,
                0);
    }

    /** The columns from {@code column} on. */
    static void finish(
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
            boolean adds,
            int column) {
        for (int row = 0; row < rows; row++) {
            float scale = scales[firstRow + row];
            float zero = zeros[firstRow + row];
            for (int i = column; i < n; i++) {
                float product = products.getInt(row * n + i) * columnScales[from + i];
                float value = Math.fma(Math.fma(columnSums[from + i], -zero, product), scale, bias[from + i]);
                int at = yi + row * yStride + i;
                y.set(at, adds ? y.get(at) + value : value);
            }
        }
    }
}
