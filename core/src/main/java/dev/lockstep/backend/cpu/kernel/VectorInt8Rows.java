package dev.lockstep.backend.cpu.kernel;

import dev.lockstep.backend.cpu.memory.Lanes;
import dev.lockstep.backend.cpu.memory.Slab;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/** On the Vector API. */
final class VectorInt8Rows implements Int8Rows {

    private static final int LENGTH = Lanes.LENGTH;
    /** Sums to numbers, set and added, {@link OutOfLine}. */
    private static final MethodHandle[] FINISH = {find("set"), find("add")};

    private static MethodHandle find(String name) {
        return OutOfLine.find(
                MethodHandles.lookup(),
                name,
                Object.class,
                int.class,
                float[].class,
                float[].class,
                int.class,
                float[].class,
                float[].class,
                float[].class,
                int.class,
                Object.class,
                int.class,
                int.class,
                int.class);
    }

    @Override
    public void quantise(Slab x, int xi, Slab z, int zi, int n, float[] scales, float[] zeros, int row) {
        int whole = n & -LENGTH;
        range(x.memory(), xi, whole, scales, zeros, row);
        float low = scales[row];
        float high = zeros[row];
        for (int i = whole; i < n; i++) {
            low = Math.min(low, x.get(xi + i));
            high = Math.max(high, x.get(xi + i));
        }
        ScalarInt8Rows.range(low, high, scales, zeros, row);
        float inverse = ScalarInt8Rows.inverse(low, high);
        store(x.memory(), xi, z.memory(), zi, whole, inverse, zeros[row]);
        ScalarInt8Rows.store(x, xi + whole, z, zi + whole, n - whole, inverse, zeros[row]);
    }

    /** The least and the largest number of a row and 0, into {@code lows} and {@code highs}; one is NaN where one is. */
    private static void range(Object x, int xi, int n, float[] lows, float[] highs, int row) {
        IntVector low = IntVector.zero(Lanes.INTS);
        IntVector high = low;
        for (int i = 0; i < n; i += LENGTH) {
            IntVector value = Lanes.ordered(Lanes.load(x, xi + i).reinterpretAsInts());
            low = low.min(value);
            high = high.max(value);
        }
        lows[row] = Lanes.unordered(low.reduceLanes(VectorOperators.MIN));
        highs[row] = Lanes.unordered(high.reduceLanes(VectorOperators.MAX));
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
        Object pm = products.memory();
        Object ym = y.memory();
        MethodHandle loop = FINISH[adds ? 1 : 0];
        try {
            loop.invokeExact(
                    pm, rows, scales, zeros, firstRow, columnScales, columnSums, bias, from, ym, yi, yStride, n);
        } catch (Throwable e) {
            throw OutOfLine.unchecked(e);
        }
        int whole = n & -LENGTH;
        if (whole < n) {
            ScalarInt8Rows.finish(
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
                    whole);
        }
    }

    private static void set(
            Object products,
            int rows,
            float[] rowScales,
            float[] rowZeros,
            int firstRow,
            float[] columnScales,
            float[] columnSums,
            float[] bias,
            int from,
            Object y,
            int yi,
            int yStride,
            int n) {
        int whole = n & -LENGTH;
        for (int row = 0; row < rows; row++) {
            FloatVector scales = FloatVector.broadcast(Lanes.FLOATS, rowScales[firstRow + row]);
            FloatVector zeros = FloatVector.broadcast(Lanes.FLOATS, -rowZeros[firstRow + row]);
            int pi = row * n;
            int at = yi + row * yStride;
            for (int i = 0; i < whole; i += LENGTH) {
                FloatVector product = Lanes.loadInts(products, pi + i)
                        .mul(FloatVector.fromArray(Lanes.FLOATS, columnScales, from + i));
                FloatVector sum = FloatVector.fromArray(Lanes.FLOATS, columnSums, from + i)
                        .fma(zeros, product);
                Lanes.store(sum.fma(scales, FloatVector.fromArray(Lanes.FLOATS, bias, from + i)), y, at + i);
            }
        }
    }

    private static void add(
            Object products,
            int rows,
            float[] rowScales,
            float[] rowZeros,
            int firstRow,
            float[] columnScales,
            float[] columnSums,
            float[] bias,
            int from,
            Object y,
            int yi,
            int yStride,
            int n) {
        int whole = n & -LENGTH;
        for (int row = 0; row < rows; row++) {
            FloatVector scales = FloatVector.broadcast(Lanes.FLOATS, rowScales[firstRow + row]);
            FloatVector zeros = FloatVector.broadcast(Lanes.FLOATS, -rowZeros[firstRow + row]);
            int pi = row * n;
            int at = yi + row * yStride;
            for (int i = 0; i < whole; i += LENGTH) {
                FloatVector product = Lanes.loadInts(products, pi + i)
                        .mul(FloatVector.fromArray(Lanes.FLOATS, columnScales, from + i));
                FloatVector sum = FloatVector.fromArray(Lanes.FLOATS, columnSums, from + i)
                        .fma(zeros, product);
                FloatVector value = sum.fma(scales, FloatVector.fromArray(Lanes.FLOATS, bias, from + i));
                Lanes.store(Lanes.load(y, at + i).add(value), y, at + i);
            }
        }
    }
}
