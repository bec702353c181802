package dev.lockstep.backend.cpu.kernel;

import dev.lockstep.backend.cpu.memory.Lanes;
import dev.lockstep.backend.cpu.memory.Slab;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** On the Vector API. */
final class VectorInt8Rows implements Int8Rows {

    private static final int LENGTH = Lanes.LENGTH;
    private static final ScalarInt8Rows TAIL = new ScalarInt8Rows();

    @Override
    public void quantise(Slab x, int xi, Slab z, int zi, int n, float[] scales, float[] zeros, int row) {
        int whole = n & -LENGTH;
        float low = lowest(x, xi, whole);
        float high = highest(x, xi, whole);
        for (int i = whole; i < n; i++) {
            low = Math.min(low, x.get(xi + i));
            high = Math.max(high, x.get(xi + i));
        }
        ScalarInt8Rows.range(low, high, scales, zeros, row);
        float inverse = ScalarInt8Rows.inverse(low, high);
        store(x.memory(), xi, z.memory(), zi, whole, inverse, zeros[row]);
        ScalarInt8Rows.store(x, xi + whole, z, zi + whole, n - whole, inverse, zeros[row]);
    }

    private static float lowest(Slab x, int xi, int n) {
        Object xm = x.memory();
        FloatVector low = FloatVector.zero(Lanes.FLOATS);
        for (int i = 0; i < n; i += LENGTH) {
            low = low.min(Lanes.load(xm, xi + i));
        }
        return low.reduceLanes(VectorOperators.MIN);
    }

    private static float highest(Slab x, int xi, int n) {
        Object xm = x.memory();
        FloatVector high = FloatVector.zero(Lanes.FLOATS);
        for (int i = 0; i < n; i += LENGTH) {
            high = high.max(Lanes.load(xm, xi + i));
        }
        return high.reduceLanes(VectorOperators.MAX);
    }

    private static void store(Object x, int xi, Object z, int zi, int n, float inverse, float zero) {
        FloatVector factor = FloatVector.broadcast(Lanes.FLOATS, inverse);
        FloatVector shift = FloatVector.broadcast(Lanes.FLOATS, zero);
        for (int i = 0; i < n; i += LENGTH) {
            Lanes.storeUnsignedBytes(Lanes.load(x, xi + i).fma(factor, shift), z, zi + i);
        }
    }

    @Override
    public void finish(
            Slab products,
            int pi,
            float scale,
            float zero,
            float[] columnScales,
            float[] columnSums,
            float[] bias,
            int from,
            Slab y,
            int yi,
            int n,
            boolean adds) {
        int whole = n & -LENGTH;
        Object pm = products.memory();
        Object ym = y.memory();
        if (adds) {
            add(pm, pi, scale, zero, columnScales, columnSums, bias, from, ym, yi, whole);
        } else {
            set(pm, pi, scale, zero, columnScales, columnSums, bias, from, ym, yi, whole);
        }
        TAIL.finish(
                products,
                pi + whole,
                scale,
                zero,
                columnScales,
                columnSums,
                bias,
                from + whole,
                y,
                yi + whole,
                n - whole,
                adds);
    }

    private static void set(
            Object products,
            int pi,
            float scale,
            float zero,
            float[] columnScales,
            float[] columnSums,
            float[] bias,
            int from,
            Object y,
            int yi,
            int n) {
        FloatVector scales = FloatVector.broadcast(Lanes.FLOATS, scale);
        FloatVector zeros = FloatVector.broadcast(Lanes.FLOATS, -zero);
        for (int i = 0; i < n; i += LENGTH) {
            FloatVector product =
                    Lanes.loadInts(products, pi + i).mul(FloatVector.fromArray(Lanes.FLOATS, columnScales, from + i));
            FloatVector sum =
                    FloatVector.fromArray(Lanes.FLOATS, columnSums, from + i).fma(zeros, product);
            Lanes.store(sum.fma(scales, FloatVector.fromArray(Lanes.FLOATS, bias, from + i)), y, yi + i);
        }
    }

    private static void add(
            Object products,
            int pi,
            float scale,
            float zero,
            float[] columnScales,
            float[] columnSums,
            float[] bias,
            int from,
            Object y,
            int yi,
            int n) {
        FloatVector scales = FloatVector.broadcast(Lanes.FLOATS, scale);
        FloatVector zeros = FloatVector.broadcast(Lanes.FLOATS, -zero);
        for (int i = 0; i < n; i += LENGTH) {
            FloatVector product =
                    Lanes.loadInts(products, pi + i).mul(FloatVector.fromArray(Lanes.FLOATS, columnScales, from + i));
            FloatVector sum =
                    FloatVector.fromArray(Lanes.FLOATS, columnSums, from + i).fma(zeros, product);
            FloatVector value = sum.fma(scales, FloatVector.fromArray(Lanes.FLOATS, bias, from + i));
            Lanes.store(Lanes.load(y, yi + i).add(value), y, yi + i);
        }
    }
}
