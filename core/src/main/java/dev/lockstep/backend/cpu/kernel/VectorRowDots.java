package dev.lockstep.backend.cpu.kernel;

import dev.lockstep.backend.cpu.memory.Lanes;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** Products of rows on the Vector API. A row's bits do not depend on the rows beside it. */
final class VectorRowDots implements RowDots {
    private static final VectorSpecies<Float> LANES = Lanes.FLOATS;
    private static final int LENGTH = Lanes.LENGTH;

    @Override
    public void dots(float[] x, int xi, float[] rows, int ri, int stride, int count, int width, float[] out, int oi) {
        int row = 0;
        for (; row + 4 <= count; row += 4) {
            four(x, xi, rows, ri + row * stride, stride, width, out, oi + row);
        }
        for (; row < count; row++) {
            out[oi + row] = one(x, xi, rows, ri + row * stride, width);
        }
    }

    private static void four(float[] x, int xi, float[] rows, int ri, int stride, int width, float[] out, int oi) {
        FloatVector a = FloatVector.zero(LANES);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        int whole = width - width % LENGTH;
        for (int i = 0; i < whole; i += LENGTH) {
            FloatVector v = FloatVector.fromArray(LANES, x, xi + i);
            a = v.fma(FloatVector.fromArray(LANES, rows, ri + i), a);
            b = v.fma(FloatVector.fromArray(LANES, rows, ri + stride + i), b);
            c = v.fma(FloatVector.fromArray(LANES, rows, ri + 2 * stride + i), c);
            d = v.fma(FloatVector.fromArray(LANES, rows, ri + 3 * stride + i), d);
        }
        out[oi] = a.reduceLanes(VectorOperators.ADD) + rest(x, xi, rows, ri, whole, width);
        out[oi + 1] = b.reduceLanes(VectorOperators.ADD) + rest(x, xi, rows, ri + stride, whole, width);
        out[oi + 2] = c.reduceLanes(VectorOperators.ADD) + rest(x, xi, rows, ri + 2 * stride, whole, width);
        out[oi + 3] = d.reduceLanes(VectorOperators.ADD) + rest(x, xi, rows, ri + 3 * stride, whole, width);
    }

    private static float one(float[] x, int xi, float[] rows, int ri, int width) {
        FloatVector sum = FloatVector.zero(LANES);
        int whole = width - width % LENGTH;
        for (int i = 0; i < whole; i += LENGTH) {
            FloatVector v = FloatVector.fromArray(LANES, x, xi + i);
            sum = v.fma(FloatVector.fromArray(LANES, rows, ri + i), sum);
        }
        return sum.reduceLanes(VectorOperators.ADD) + rest(x, xi, rows, ri, whole, width);
    }

    private static float rest(float[] x, int xi, float[] rows, int ri, int from, int width) {
        float sum = 0;
        for (int i = from; i < width; i++) {
            sum += x[xi + i] * rows[ri + i];
        }
        return sum;
    }
}
