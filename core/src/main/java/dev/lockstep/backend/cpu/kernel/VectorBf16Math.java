package dev.lockstep.backend.cpu.kernel;

import dev.lockstep.backend.cpu.memory.Form;
import dev.lockstep.backend.cpu.memory.Lanes;
import dev.lockstep.backend.cpu.memory.Slab;
import jdk.incubator.vector.FloatVector;

/** On the Vector API. Loops are small methods of their own so that each compiles to registers. */
final class VectorBf16Math implements Bf16Math {

    private static final int LENGTH = Lanes.LENGTH;
    private static final int GROUP = TileMath.GROUP;
    private static final ScalarBf16Math TAIL = new ScalarBf16Math();

    @Override
    public void round(float[] x, int xi, Slab z, int zi, int n) {
        Object zm = z.memory();
        int whole = n & -LENGTH;
        for (int i = 0; i < whole; i += LENGTH) {
            Lanes.storeBf16(FloatVector.fromArray(Lanes.FLOATS, x, xi + i), zm, zi + i);
        }
        if (whole < n) {
            TAIL.round(x, xi + whole, z, zi + whole, n - whole);
        }
    }

    @Override
    public void round(Slab x, int xi, float factor, Slab z, int zi, int n) {
        int whole = n & -LENGTH;
        scaled(x.memory(), xi, factor, z.memory(), zi, whole);
        if (whole < n) {
            TAIL.round(x, xi + whole, factor, z, zi + whole, n - whole);
        }
    }

    private static void scaled(Object x, int xi, float factor, Object z, int zi, int n) {
        FloatVector factors = FloatVector.broadcast(Lanes.FLOATS, factor);
        for (int i = 0; i < n; i += LENGTH) {
            Lanes.storeBf16(Lanes.load(x, xi + i).mul(factors), z, zi + i);
        }
    }

    @Override
    public void round(Slab x, Form form, int xi, Slab z, int zi, int n) {
        int whole = n & -LENGTH;
        switch (form) {
            case FP32 -> scaled(x.memory(), xi, 1f, z.memory(), zi, whole);
            case INT8 -> int8(x.memory(), xi, z.memory(), zi, whole);
            default -> int16(x.memory(), xi, z.memory(), zi, whole);
        }
        if (whole < n) {
            TAIL.round(x, form, xi + whole, z, zi + whole, n - whole);
        }
    }

    private static void int8(Object x, int xi, Object z, int zi, int n) {
        for (int i = 0; i < n; i += LENGTH) {
            Lanes.storeBf16(Lanes.loadInt8(x, xi + i), z, zi + i);
        }
    }

    private static void int16(Object x, int xi, Object z, int zi, int n) {
        for (int i = 0; i < n; i += LENGTH) {
            Lanes.storeBf16(Lanes.loadInt16(x, xi + i), z, zi + i);
        }
    }

    @Override
    public void roundGroups(Slab x, Form form, int xi, int xStride, int groups, Slab z, int zi, int zStride) {
        switch (form) {
            case FP32 -> groups(x.memory(), xi, xStride, groups, z.memory(), zi, zStride);
            case INT8 -> groupsInt8(x.memory(), xi, xStride, groups, z.memory(), zi, zStride);
            default -> groupsInt16(x.memory(), xi, xStride, groups, z.memory(), zi, zStride);
        }
    }

    private static void groups(Object x, int xi, int xStride, int groups, Object z, int zi, int zStride) {
        for (int group = 0; group < groups; group++) {
            for (int i = 0; i < GROUP; i += LENGTH) {
                Lanes.storeBf16(Lanes.load(x, xi + group * xStride + i), z, zi + group * zStride + i);
            }
        }
    }

    private static void groupsInt8(Object x, int xi, int xStride, int groups, Object z, int zi, int zStride) {
        for (int group = 0; group < groups; group++) {
            for (int i = 0; i < GROUP; i += LENGTH) {
                Lanes.storeBf16(Lanes.loadInt8(x, xi + group * xStride + i), z, zi + group * zStride + i);
            }
        }
    }

    private static void groupsInt16(Object x, int xi, int xStride, int groups, Object z, int zi, int zStride) {
        for (int group = 0; group < groups; group++) {
            for (int i = 0; i < GROUP; i += LENGTH) {
                Lanes.storeBf16(Lanes.loadInt16(x, xi + group * xStride + i), z, zi + group * zStride + i);
            }
        }
    }
}
