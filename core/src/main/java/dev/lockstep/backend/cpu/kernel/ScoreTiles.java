package dev.lockstep.backend.cpu.kernel;

import dev.lockstep.backend.cpu.memory.Lanes;
import jdk.incubator.vector.FloatVector;

/**
 * Queries of a fixed number against one vector of transposed keys, {@link TileMath#GROUP} elements apart by dimension.
 * Loops of four queries are unrolled beyond the 325 bytecodes up to which the compiler inlines: inlined it may leave
 * their vectors in memory. Sums run over the width in order in all of them.
 */
final class ScoreTiles {

    private static final int GROUP = TileMath.GROUP;

    private ScoreTiles() {}

    static void one(float[] q, int qi, int width, Object keys, int ki, float[] out, int oi) {
        FloatVector sum = FloatVector.zero(Lanes.FLOATS);
        for (int d = 0; d < width; d++) {
            sum = broadcast(q[qi + d]).fma(Lanes.load(keys, ki + d * GROUP), sum);
        }
        sum.intoArray(out, oi);
    }

    static void oneBf16(float[] q, int qi, int width, Object keys, int ki, float[] out, int oi) {
        FloatVector sum = FloatVector.zero(Lanes.FLOATS);
        for (int d = 0; d < width; d++) {
            sum = broadcast(q[qi + d]).fma(Lanes.loadBf16(keys, ki + d * GROUP), sum);
        }
        sum.intoArray(out, oi);
    }

    static void oneInt16(float[] q, int qi, int width, Object keys, int ki, float[] out, int oi) {
        FloatVector sum = FloatVector.zero(Lanes.FLOATS);
        for (int d = 0; d < width; d++) {
            sum = broadcast(q[qi + d]).fma(Lanes.loadInt16(keys, ki + d * GROUP), sum);
        }
        sum.intoArray(out, oi);
    }

    static void oneInt8(float[] q, int qi, int width, Object keys, int ki, float[] out, int oi) {
        FloatVector sum = FloatVector.zero(Lanes.FLOATS);
        for (int d = 0; d < width; d++) {
            sum = broadcast(q[qi + d]).fma(Lanes.loadInt8(keys, ki + d * GROUP), sum);
        }
        sum.intoArray(out, oi);
    }

    static void four(float[] q, int qi, int qStride, int width, Object keys, int ki, float[] out, int oi, int oStride) {
        FloatVector s0 = FloatVector.zero(Lanes.FLOATS);
        FloatVector s1 = s0;
        FloatVector s2 = s0;
        FloatVector s3 = s0;
        int q1 = qi + qStride;
        int q2 = q1 + qStride;
        int q3 = q2 + qStride;
        int d = 0;
        for (; d + 4 <= width; d += 4) {
            FloatVector key = Lanes.load(keys, ki + d * GROUP);
            s0 = broadcast(q[qi + d]).fma(key, s0);
            s1 = broadcast(q[q1 + d]).fma(key, s1);
            s2 = broadcast(q[q2 + d]).fma(key, s2);
            s3 = broadcast(q[q3 + d]).fma(key, s3);
            key = Lanes.load(keys, ki + (d + 1) * GROUP);
            s0 = broadcast(q[qi + d + 1]).fma(key, s0);
            s1 = broadcast(q[q1 + d + 1]).fma(key, s1);
            s2 = broadcast(q[q2 + d + 1]).fma(key, s2);
            s3 = broadcast(q[q3 + d + 1]).fma(key, s3);
            key = Lanes.load(keys, ki + (d + 2) * GROUP);
            s0 = broadcast(q[qi + d + 2]).fma(key, s0);
            s1 = broadcast(q[q1 + d + 2]).fma(key, s1);
            s2 = broadcast(q[q2 + d + 2]).fma(key, s2);
            s3 = broadcast(q[q3 + d + 2]).fma(key, s3);
            key = Lanes.load(keys, ki + (d + 3) * GROUP);
            s0 = broadcast(q[qi + d + 3]).fma(key, s0);
            s1 = broadcast(q[q1 + d + 3]).fma(key, s1);
            s2 = broadcast(q[q2 + d + 3]).fma(key, s2);
            s3 = broadcast(q[q3 + d + 3]).fma(key, s3);
        }
        for (; d < width; d++) {
            FloatVector key = Lanes.load(keys, ki + d * GROUP);
            s0 = broadcast(q[qi + d]).fma(key, s0);
            s1 = broadcast(q[q1 + d]).fma(key, s1);
            s2 = broadcast(q[q2 + d]).fma(key, s2);
            s3 = broadcast(q[q3 + d]).fma(key, s3);
        }
        s0.intoArray(out, oi);
        s1.intoArray(out, oi + oStride);
        s2.intoArray(out, oi + 2 * oStride);
        s3.intoArray(out, oi + 3 * oStride);
    }

    static void fourBf16(
            float[] q, int qi, int qStride, int width, Object keys, int ki, float[] out, int oi, int oStride) {
        FloatVector s0 = FloatVector.zero(Lanes.FLOATS);
        FloatVector s1 = s0;
        FloatVector s2 = s0;
        FloatVector s3 = s0;
        int q1 = qi + qStride;
        int q2 = q1 + qStride;
        int q3 = q2 + qStride;
        int d = 0;
        for (; d + 4 <= width; d += 4) {
            FloatVector key = Lanes.loadBf16(keys, ki + d * GROUP);
            s0 = broadcast(q[qi + d]).fma(key, s0);
            s1 = broadcast(q[q1 + d]).fma(key, s1);
            s2 = broadcast(q[q2 + d]).fma(key, s2);
            s3 = broadcast(q[q3 + d]).fma(key, s3);
            key = Lanes.loadBf16(keys, ki + (d + 1) * GROUP);
            s0 = broadcast(q[qi + d + 1]).fma(key, s0);
            s1 = broadcast(q[q1 + d + 1]).fma(key, s1);
            s2 = broadcast(q[q2 + d + 1]).fma(key, s2);
            s3 = broadcast(q[q3 + d + 1]).fma(key, s3);
            key = Lanes.loadBf16(keys, ki + (d + 2) * GROUP);
            s0 = broadcast(q[qi + d + 2]).fma(key, s0);
            s1 = broadcast(q[q1 + d + 2]).fma(key, s1);
            s2 = broadcast(q[q2 + d + 2]).fma(key, s2);
            s3 = broadcast(q[q3 + d + 2]).fma(key, s3);
            key = Lanes.loadBf16(keys, ki + (d + 3) * GROUP);
            s0 = broadcast(q[qi + d + 3]).fma(key, s0);
            s1 = broadcast(q[q1 + d + 3]).fma(key, s1);
            s2 = broadcast(q[q2 + d + 3]).fma(key, s2);
            s3 = broadcast(q[q3 + d + 3]).fma(key, s3);
        }
        for (; d < width; d++) {
            FloatVector key = Lanes.loadBf16(keys, ki + d * GROUP);
            s0 = broadcast(q[qi + d]).fma(key, s0);
            s1 = broadcast(q[q1 + d]).fma(key, s1);
            s2 = broadcast(q[q2 + d]).fma(key, s2);
            s3 = broadcast(q[q3 + d]).fma(key, s3);
        }
        s0.intoArray(out, oi);
        s1.intoArray(out, oi + oStride);
        s2.intoArray(out, oi + 2 * oStride);
        s3.intoArray(out, oi + 3 * oStride);
    }

    static void eight(
            float[] q, int qi, int qStride, int width, Object keys, int ki, float[] out, int oi, int oStride) {
        FloatVector s0 = FloatVector.zero(Lanes.FLOATS);
        FloatVector s1 = s0;
        FloatVector s2 = s0;
        FloatVector s3 = s0;
        FloatVector s4 = s0;
        FloatVector s5 = s0;
        FloatVector s6 = s0;
        FloatVector s7 = s0;
        int qj = qi + 4 * qStride;
        for (int d = 0; d < width; d++) {
            FloatVector key = Lanes.load(keys, ki + d * GROUP);
            s0 = broadcast(q[qi + d]).fma(key, s0);
            s1 = broadcast(q[qi + qStride + d]).fma(key, s1);
            s2 = broadcast(q[qi + 2 * qStride + d]).fma(key, s2);
            s3 = broadcast(q[qi + 3 * qStride + d]).fma(key, s3);
            s4 = broadcast(q[qj + d]).fma(key, s4);
            s5 = broadcast(q[qj + qStride + d]).fma(key, s5);
            s6 = broadcast(q[qj + 2 * qStride + d]).fma(key, s6);
            s7 = broadcast(q[qj + 3 * qStride + d]).fma(key, s7);
        }
        s0.intoArray(out, oi);
        s1.intoArray(out, oi + oStride);
        s2.intoArray(out, oi + 2 * oStride);
        s3.intoArray(out, oi + 3 * oStride);
        int oj = oi + 4 * oStride;
        s4.intoArray(out, oj);
        s5.intoArray(out, oj + oStride);
        s6.intoArray(out, oj + 2 * oStride);
        s7.intoArray(out, oj + 3 * oStride);
    }

    private static FloatVector broadcast(float value) {
        return FloatVector.broadcast(Lanes.FLOATS, value);
    }
}
