package dev.lockstep.backend.cpu.kernel;

/** Products of rows without the Vector API. */
final class ScalarRowDots implements RowDots {
    @Override
    public void dots(float[] x, int xi, float[] rows, int ri, int stride, int count, int width, float[] out, int oi) {
        for (int row = 0; row < count; row++) {
            int at = ri + row * stride;
            float sum = 0;
            for (int i = 0; i < width; i++) {
                sum += x[xi + i] * rows[at + i];
            }
            out[oi + row] = sum;
        }
    }
}
