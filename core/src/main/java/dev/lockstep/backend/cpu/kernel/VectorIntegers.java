package dev.lockstep.backend.cpu.kernel;

import dev.lockstep.backend.cpu.memory.Form;
import dev.lockstep.backend.cpu.memory.Lanes;
import dev.lockstep.backend.cpu.memory.Slab;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/** On the Vector API. Loops are small methods of their own so that each compiles to registers. */
final class VectorIntegers implements Integers {

    private static final int LENGTH = Lanes.LENGTH;
    private static final ScalarIntegers TAIL = new ScalarIntegers();

    @Override
    public float largest(Slab x, int xi, int n) {
        Object xm = x.memory();
        int whole = n & -LENGTH;
        // Magnitudes in the order of their bits, NaN above all.
        IntVector largest = IntVector.zero(Lanes.INTS);
        for (int i = 0; i < whole; i += LENGTH) {
            largest = largest.max(Lanes.load(xm, xi + i).reinterpretAsInts().and(Integer.MAX_VALUE));
        }
        float found = Float.intBitsToFloat(largest.reduceLanes(VectorOperators.MAX));
        return whole == n ? found : Math.max(found, TAIL.largest(x, xi + whole, n - whole));
    }

    @Override
    public void round(Slab x, int xi, float factor, int[] z, int zi, int n) {
        Object xm = x.memory();
        int whole = n & -LENGTH;
        FloatVector factors = FloatVector.broadcast(Lanes.FLOATS, factor);
        for (int i = 0; i < whole; i += LENGTH) {
            Lanes.round(Lanes.load(xm, xi + i).mul(factors)).intoArray(z, zi + i);
        }
        TAIL.round(x, xi + whole, factor, z, zi + whole, n - whole);
    }

    @Override
    public void narrow(Slab x, int xi, float factor, Slab z, Form form, int zi, int n) {
        int whole = n & -LENGTH;
        if (form == Form.INT8) {
            narrowInt8(x.memory(), xi, factor, z.memory(), zi, whole);
        } else {
            narrowInt16(x.memory(), xi, factor, z.memory(), zi, whole);
        }
        if (whole < n) {
            TAIL.narrow(x, xi + whole, factor, z, form, zi + whole, n - whole);
        }
    }

    private static void narrowInt8(Object x, int xi, float factor, Object z, int zi, int n) {
        FloatVector factors = FloatVector.broadcast(Lanes.FLOATS, factor);
        for (int i = 0; i < n; i += LENGTH) {
            Lanes.storeInt8(Lanes.load(x, xi + i).mul(factors), z, zi + i);
        }
    }

    private static void narrowInt16(Object x, int xi, float factor, Object z, int zi, int n) {
        FloatVector factors = FloatVector.broadcast(Lanes.FLOATS, factor);
        for (int i = 0; i < n; i += LENGTH) {
            Lanes.storeInt16(Lanes.load(x, xi + i).mul(factors), z, zi + i);
        }
    }

    @Override
    public void widen(Slab x, Form form, int xi, int n, float[] z, int zi) {
        int whole = n & -LENGTH;
        switch (form) {
            case FP32 -> x.get(xi, z, zi, whole);
            case INT8 -> widenInt8(x.memory(), xi, z, zi, whole);
            default -> widenInt16(x.memory(), xi, z, zi, whole);
        }
        if (whole < n) {
            TAIL.widen(x, form, xi + whole, n - whole, z, zi + whole);
        }
    }

    private static void widenInt8(Object x, int xi, float[] z, int zi, int n) {
        for (int i = 0; i < n; i += LENGTH) {
            Lanes.loadInt8(x, xi + i).intoArray(z, zi + i);
        }
    }

    private static void widenInt16(Object x, int xi, float[] z, int zi, int n) {
        for (int i = 0; i < n; i += LENGTH) {
            Lanes.loadInt16(x, xi + i).intoArray(z, zi + i);
        }
    }

    @Override
    public void widenGroups(Slab x, Form form, int xi, int stride, int groups, float[] z, int zi) {
        switch (form) {
            case FP32 -> groups(x.memory(), xi, stride, z, zi, groups);
            case INT8 -> groupsInt8(x.memory(), xi, stride, z, zi, groups);
            default -> groupsInt16(x.memory(), xi, stride, z, zi, groups);
        }
    }

    private static void groups(Object x, int xi, int stride, float[] z, int zi, int groups) {
        for (int group = 0; group < groups; group++) {
            for (int i = 0; i < TileMath.GROUP; i += LENGTH) {
                Lanes.load(x, xi + group * stride + i).intoArray(z, zi + group * TileMath.GROUP + i);
            }
        }
    }

    private static void groupsInt8(Object x, int xi, int stride, float[] z, int zi, int groups) {
        for (int group = 0; group < groups; group++) {
            for (int i = 0; i < TileMath.GROUP; i += LENGTH) {
                Lanes.loadInt8(x, xi + group * stride + i).intoArray(z, zi + group * TileMath.GROUP + i);
            }
        }
    }

    private static void groupsInt16(Object x, int xi, int stride, float[] z, int zi, int groups) {
        for (int group = 0; group < groups; group++) {
            for (int i = 0; i < TileMath.GROUP; i += LENGTH) {
                Lanes.loadInt16(x, xi + group * stride + i).intoArray(z, zi + group * TileMath.GROUP + i);
            }
        }
    }
}
