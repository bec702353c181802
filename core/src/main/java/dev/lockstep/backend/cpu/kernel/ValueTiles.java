package dev.lockstep.backend.cpu.kernel;

import dev.lockstep.backend.cpu.memory.Form;
import dev.lockstep.backend.cpu.memory.Lanes;
import jdk.incubator.vector.FloatVector;

/**
 * Weighted sums of values for a fixed number of queries by vectors of columns, held in registers over the keys. Values in
 * an array where several queries look at them: its bounds are checked with less work than a slab's.
 */
final class ValueTiles {

    private static final int LENGTH = Lanes.LENGTH;

    private ValueTiles() {}

    /** One query, over whole vectors of columns. */
    static void one(
            Form form,
            float[] p,
            int pi,
            int keys,
            Object values,
            int vi,
            int vStride,
            int width,
            float[] acc,
            int ai) {
        int c = 0;
        for (; c + 4 * LENGTH <= width; c += 4 * LENGTH) {
            if (form == Form.INT8) {
                oneByFourInt8(p, pi, keys, values, vi + c, vStride, acc, ai + c);
            } else if (form == Form.FP32) {
                oneByFour(p, pi, keys, values, vi + c, vStride, acc, ai + c);
            } else {
                oneByFourInt16(p, pi, keys, values, vi + c, vStride, acc, ai + c);
            }
        }
        for (; c + LENGTH <= width; c += LENGTH) {
            if (form == Form.INT8) {
                oneByOneInt8(p, pi, keys, values, vi + c, vStride, acc, ai + c);
            } else if (form == Form.FP32) {
                oneByOne(p, pi, keys, values, vi + c, vStride, acc, ai + c);
            } else {
                oneByOneInt16(p, pi, keys, values, vi + c, vStride, acc, ai + c);
            }
        }
    }

    static void oneByOne(float[] p, int pi, int keys, Object values, int vi, int vStride, float[] acc, int ai) {
        FloatVector sum = load(acc, ai);
        for (int j = 0; j < keys; j++) {
            sum = broadcast(p[pi + j]).fma(Lanes.load(values, vi + j * vStride), sum);
        }
        sum.intoArray(acc, ai);
    }

    static void oneByFour(float[] p, int pi, int keys, Object values, int vi, int vStride, float[] acc, int ai) {
        FloatVector c0 = load(acc, ai);
        FloatVector c1 = load(acc, ai + LENGTH);
        FloatVector c2 = load(acc, ai + 2 * LENGTH);
        FloatVector c3 = load(acc, ai + 3 * LENGTH);
        for (int j = 0; j < keys; j++) {
            FloatVector weight = broadcast(p[pi + j]);
            int at = vi + j * vStride;
            c0 = weight.fma(Lanes.load(values, at), c0);
            c1 = weight.fma(Lanes.load(values, at + LENGTH), c1);
            c2 = weight.fma(Lanes.load(values, at + 2 * LENGTH), c2);
            c3 = weight.fma(Lanes.load(values, at + 3 * LENGTH), c3);
        }
        c0.intoArray(acc, ai);
        c1.intoArray(acc, ai + LENGTH);
        c2.intoArray(acc, ai + 2 * LENGTH);
        c3.intoArray(acc, ai + 3 * LENGTH);
    }

    static void oneByOneInt16(float[] p, int pi, int keys, Object values, int vi, int vStride, float[] acc, int ai) {
        FloatVector sum = load(acc, ai);
        for (int j = 0; j < keys; j++) {
            sum = broadcast(p[pi + j]).fma(Lanes.loadInt16(values, vi + j * vStride), sum);
        }
        sum.intoArray(acc, ai);
    }

    static void oneByFourInt16(float[] p, int pi, int keys, Object values, int vi, int vStride, float[] acc, int ai) {
        FloatVector c0 = load(acc, ai);
        FloatVector c1 = load(acc, ai + LENGTH);
        FloatVector c2 = load(acc, ai + 2 * LENGTH);
        FloatVector c3 = load(acc, ai + 3 * LENGTH);
        for (int j = 0; j < keys; j++) {
            FloatVector weight = broadcast(p[pi + j]);
            int at = vi + j * vStride;
            c0 = weight.fma(Lanes.loadInt16(values, at), c0);
            c1 = weight.fma(Lanes.loadInt16(values, at + LENGTH), c1);
            c2 = weight.fma(Lanes.loadInt16(values, at + 2 * LENGTH), c2);
            c3 = weight.fma(Lanes.loadInt16(values, at + 3 * LENGTH), c3);
        }
        c0.intoArray(acc, ai);
        c1.intoArray(acc, ai + LENGTH);
        c2.intoArray(acc, ai + 2 * LENGTH);
        c3.intoArray(acc, ai + 3 * LENGTH);
    }

    static void oneByOneInt8(float[] p, int pi, int keys, Object values, int vi, int vStride, float[] acc, int ai) {
        FloatVector sum = load(acc, ai);
        for (int j = 0; j < keys; j++) {
            sum = broadcast(p[pi + j]).fma(Lanes.loadInt8(values, vi + j * vStride), sum);
        }
        sum.intoArray(acc, ai);
    }

    static void oneByFourInt8(float[] p, int pi, int keys, Object values, int vi, int vStride, float[] acc, int ai) {
        FloatVector c0 = load(acc, ai);
        FloatVector c1 = load(acc, ai + LENGTH);
        FloatVector c2 = load(acc, ai + 2 * LENGTH);
        FloatVector c3 = load(acc, ai + 3 * LENGTH);
        for (int j = 0; j < keys; j++) {
            FloatVector weight = broadcast(p[pi + j]);
            int at = vi + j * vStride;
            c0 = weight.fma(Lanes.loadInt8(values, at), c0);
            c1 = weight.fma(Lanes.loadInt8(values, at + LENGTH), c1);
            c2 = weight.fma(Lanes.loadInt8(values, at + 2 * LENGTH), c2);
            c3 = weight.fma(Lanes.loadInt8(values, at + 3 * LENGTH), c3);
        }
        c0.intoArray(acc, ai);
        c1.intoArray(acc, ai + LENGTH);
        c2.intoArray(acc, ai + 2 * LENGTH);
        c3.intoArray(acc, ai + 3 * LENGTH);
    }

    static void oneByOne(float[] p, int pi, int keys, float[] values, int vi, int vStride, float[] acc, int ai) {
        FloatVector sum = load(acc, ai);
        for (int j = 0; j < keys; j++) {
            sum = broadcast(p[pi + j]).fma(load(values, vi + j * vStride), sum);
        }
        sum.intoArray(acc, ai);
    }

    static void oneByFour(float[] p, int pi, int keys, float[] values, int vi, int vStride, float[] acc, int ai) {
        FloatVector c0 = load(acc, ai);
        FloatVector c1 = load(acc, ai + LENGTH);
        FloatVector c2 = load(acc, ai + 2 * LENGTH);
        FloatVector c3 = load(acc, ai + 3 * LENGTH);
        for (int j = 0; j < keys; j++) {
            FloatVector weight = broadcast(p[pi + j]);
            int at = vi + j * vStride;
            c0 = weight.fma(load(values, at), c0);
            c1 = weight.fma(load(values, at + LENGTH), c1);
            c2 = weight.fma(load(values, at + 2 * LENGTH), c2);
            c3 = weight.fma(load(values, at + 3 * LENGTH), c3);
        }
        c0.intoArray(acc, ai);
        c1.intoArray(acc, ai + LENGTH);
        c2.intoArray(acc, ai + 2 * LENGTH);
        c3.intoArray(acc, ai + 3 * LENGTH);
    }

    static void fourByOne(
            float[] p,
            int pi,
            int pStride,
            int keys,
            float[] values,
            int vi,
            int vStride,
            float[] acc,
            int ai,
            int aStride) {
        FloatVector r0 = load(acc, ai);
        FloatVector r1 = load(acc, ai + aStride);
        FloatVector r2 = load(acc, ai + 2 * aStride);
        FloatVector r3 = load(acc, ai + 3 * aStride);
        for (int j = 0; j < keys; j++) {
            FloatVector value = load(values, vi + j * vStride);
            r0 = broadcast(p[pi + j]).fma(value, r0);
            r1 = broadcast(p[pi + pStride + j]).fma(value, r1);
            r2 = broadcast(p[pi + 2 * pStride + j]).fma(value, r2);
            r3 = broadcast(p[pi + 3 * pStride + j]).fma(value, r3);
        }
        r0.intoArray(acc, ai);
        r1.intoArray(acc, ai + aStride);
        r2.intoArray(acc, ai + 2 * aStride);
        r3.intoArray(acc, ai + 3 * aStride);
    }

    static void fourByFour(
            float[] p,
            int pi,
            int pStride,
            int keys,
            float[] values,
            int vi,
            int vStride,
            float[] acc,
            int ai,
            int aStride) {
        int a1 = ai + aStride;
        int a2 = a1 + aStride;
        int a3 = a2 + aStride;
        FloatVector r00 = load(acc, ai);
        FloatVector r01 = load(acc, ai + LENGTH);
        FloatVector r02 = load(acc, ai + 2 * LENGTH);
        FloatVector r03 = load(acc, ai + 3 * LENGTH);
        FloatVector r10 = load(acc, a1);
        FloatVector r11 = load(acc, a1 + LENGTH);
        FloatVector r12 = load(acc, a1 + 2 * LENGTH);
        FloatVector r13 = load(acc, a1 + 3 * LENGTH);
        FloatVector r20 = load(acc, a2);
        FloatVector r21 = load(acc, a2 + LENGTH);
        FloatVector r22 = load(acc, a2 + 2 * LENGTH);
        FloatVector r23 = load(acc, a2 + 3 * LENGTH);
        FloatVector r30 = load(acc, a3);
        FloatVector r31 = load(acc, a3 + LENGTH);
        FloatVector r32 = load(acc, a3 + 2 * LENGTH);
        FloatVector r33 = load(acc, a3 + 3 * LENGTH);
        for (int j = 0; j < keys; j++) {
            int at = vi + j * vStride;
            FloatVector v0 = load(values, at);
            FloatVector v1 = load(values, at + LENGTH);
            FloatVector v2 = load(values, at + 2 * LENGTH);
            FloatVector v3 = load(values, at + 3 * LENGTH);
            FloatVector w0 = broadcast(p[pi + j]);
            r00 = w0.fma(v0, r00);
            r01 = w0.fma(v1, r01);
            r02 = w0.fma(v2, r02);
            r03 = w0.fma(v3, r03);
            FloatVector w1 = broadcast(p[pi + pStride + j]);
            r10 = w1.fma(v0, r10);
            r11 = w1.fma(v1, r11);
            r12 = w1.fma(v2, r12);
            r13 = w1.fma(v3, r13);
            FloatVector w2 = broadcast(p[pi + 2 * pStride + j]);
            r20 = w2.fma(v0, r20);
            r21 = w2.fma(v1, r21);
            r22 = w2.fma(v2, r22);
            r23 = w2.fma(v3, r23);
            FloatVector w3 = broadcast(p[pi + 3 * pStride + j]);
            r30 = w3.fma(v0, r30);
            r31 = w3.fma(v1, r31);
            r32 = w3.fma(v2, r32);
            r33 = w3.fma(v3, r33);
        }
        r00.intoArray(acc, ai);
        r01.intoArray(acc, ai + LENGTH);
        r02.intoArray(acc, ai + 2 * LENGTH);
        r03.intoArray(acc, ai + 3 * LENGTH);
        r10.intoArray(acc, a1);
        r11.intoArray(acc, a1 + LENGTH);
        r12.intoArray(acc, a1 + 2 * LENGTH);
        r13.intoArray(acc, a1 + 3 * LENGTH);
        r20.intoArray(acc, a2);
        r21.intoArray(acc, a2 + LENGTH);
        r22.intoArray(acc, a2 + 2 * LENGTH);
        r23.intoArray(acc, a2 + 3 * LENGTH);
        r30.intoArray(acc, a3);
        r31.intoArray(acc, a3 + LENGTH);
        r32.intoArray(acc, a3 + 2 * LENGTH);
        r33.intoArray(acc, a3 + 3 * LENGTH);
    }

    private static FloatVector load(float[] from, int at) {
        return FloatVector.fromArray(Lanes.FLOATS, from, at);
    }

    private static FloatVector broadcast(float value) {
        return FloatVector.broadcast(Lanes.FLOATS, value);
    }
}
