package dev.lockstep.backend.cpu.kernel;

import dev.lockstep.backend.cpu.memory.Form;
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

    /** Any number of queries, keys in integers: by fours, the rest one by one. */
    static void integers(
            float[] q,
            int qi,
            int qStride,
            int queries,
            int width,
            Object keys,
            Form form,
            int ki,
            int kStride,
            float[] out,
            int oi,
            int oStride) {
        int query = 0;
        for (; query + FourQueryTiles.QUERIES <= queries; query += FourQueryTiles.QUERIES) {
            int from = qi + query * qStride;
            int to = oi + query * oStride;
            FourQueryTiles.scores(form, q, from, qStride, width, keys, ki, kStride, out, to, oStride);
        }
        for (; query < queries; query++) {
            int from = qi + query * qStride;
            int to = oi + query * oStride;
            if (form == Form.INT16) {
                oneInt16(q, from, width, keys, ki, kStride, out, to);
            } else {
                oneInt8(q, from, width, keys, ki, kStride, out, to);
            }
        }
    }

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

    static void oneInt16(float[] q, int qi, int width, Object keys, int ki, int kStride, float[] out, int oi) {
        FloatVector sum = FloatVector.zero(Lanes.FLOATS);
        for (int d = 0; d < width; d++) {
            sum = broadcast(q[qi + d]).fma(Lanes.loadInt16(keys, ki + d * kStride), sum);
        }
        sum.intoArray(out, oi);
    }

    static void oneInt8(float[] q, int qi, int width, Object keys, int ki, int kStride, float[] out, int oi) {
        FloatVector sum = FloatVector.zero(Lanes.FLOATS);
        for (int d = 0; d < width; d++) {
            sum = broadcast(q[qi + d]).fma(Lanes.loadInt8(keys, ki + d * kStride), sum);
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

    /**
     * Eight queries against two groups of keys: each number loaded serves twice. Keys in an array: its bounds are checked
     * with less work than a slab's.
     */
    static void eightByTwo(
            float[] q, int qi, int qStride, int width, float[] keys, int k0, int k1, float[] out, int oi, int oStride) {
        FloatVector a0 = FloatVector.zero(Lanes.FLOATS);
        FloatVector a1 = a0;
        FloatVector a2 = a0;
        FloatVector a3 = a0;
        FloatVector a4 = a0;
        FloatVector a5 = a0;
        FloatVector a6 = a0;
        FloatVector a7 = a0;
        FloatVector b0 = a0;
        FloatVector b1 = a0;
        FloatVector b2 = a0;
        FloatVector b3 = a0;
        FloatVector b4 = a0;
        FloatVector b5 = a0;
        FloatVector b6 = a0;
        FloatVector b7 = a0;
        int q1 = qi + 1 * qStride;
        int q2 = qi + 2 * qStride;
        int q3 = qi + 3 * qStride;
        int q4 = qi + 4 * qStride;
        int q5 = qi + 5 * qStride;
        int q6 = qi + 6 * qStride;
        int q7 = qi + 7 * qStride;
        for (int d = 0; d < width; d++) {
            FloatVector first = load(keys, k0 + d * GROUP);
            FloatVector second = load(keys, k1 + d * GROUP);
            FloatVector query = broadcast(q[qi + d]);
            a0 = query.fma(first, a0);
            b0 = query.fma(second, b0);
            query = broadcast(q[q1 + d]);
            a1 = query.fma(first, a1);
            b1 = query.fma(second, b1);
            query = broadcast(q[q2 + d]);
            a2 = query.fma(first, a2);
            b2 = query.fma(second, b2);
            query = broadcast(q[q3 + d]);
            a3 = query.fma(first, a3);
            b3 = query.fma(second, b3);
            query = broadcast(q[q4 + d]);
            a4 = query.fma(first, a4);
            b4 = query.fma(second, b4);
            query = broadcast(q[q5 + d]);
            a5 = query.fma(first, a5);
            b5 = query.fma(second, b5);
            query = broadcast(q[q6 + d]);
            a6 = query.fma(first, a6);
            b6 = query.fma(second, b6);
            query = broadcast(q[q7 + d]);
            a7 = query.fma(first, a7);
            b7 = query.fma(second, b7);
        }
        a0.intoArray(out, oi + 0 * oStride);
        b0.intoArray(out, oi + 0 * oStride + GROUP);
        a1.intoArray(out, oi + 1 * oStride);
        b1.intoArray(out, oi + 1 * oStride + GROUP);
        a2.intoArray(out, oi + 2 * oStride);
        b2.intoArray(out, oi + 2 * oStride + GROUP);
        a3.intoArray(out, oi + 3 * oStride);
        b3.intoArray(out, oi + 3 * oStride + GROUP);
        a4.intoArray(out, oi + 4 * oStride);
        b4.intoArray(out, oi + 4 * oStride + GROUP);
        a5.intoArray(out, oi + 5 * oStride);
        b5.intoArray(out, oi + 5 * oStride + GROUP);
        a6.intoArray(out, oi + 6 * oStride);
        b6.intoArray(out, oi + 6 * oStride + GROUP);
        a7.intoArray(out, oi + 7 * oStride);
        b7.intoArray(out, oi + 7 * oStride + GROUP);
    }

    static void fourByTwo(
            float[] q, int qi, int qStride, int width, float[] keys, int k0, int k1, float[] out, int oi, int oStride) {
        FloatVector a0 = FloatVector.zero(Lanes.FLOATS);
        FloatVector a1 = a0;
        FloatVector a2 = a0;
        FloatVector a3 = a0;
        FloatVector b0 = a0;
        FloatVector b1 = a0;
        FloatVector b2 = a0;
        FloatVector b3 = a0;
        int q1 = qi + 1 * qStride;
        int q2 = qi + 2 * qStride;
        int q3 = qi + 3 * qStride;
        for (int d = 0; d < width; d++) {
            FloatVector first = load(keys, k0 + d * GROUP);
            FloatVector second = load(keys, k1 + d * GROUP);
            FloatVector query = broadcast(q[qi + d]);
            a0 = query.fma(first, a0);
            b0 = query.fma(second, b0);
            query = broadcast(q[q1 + d]);
            a1 = query.fma(first, a1);
            b1 = query.fma(second, b1);
            query = broadcast(q[q2 + d]);
            a2 = query.fma(first, a2);
            b2 = query.fma(second, b2);
            query = broadcast(q[q3 + d]);
            a3 = query.fma(first, a3);
            b3 = query.fma(second, b3);
        }
        a0.intoArray(out, oi + 0 * oStride);
        b0.intoArray(out, oi + 0 * oStride + GROUP);
        a1.intoArray(out, oi + 1 * oStride);
        b1.intoArray(out, oi + 1 * oStride + GROUP);
        a2.intoArray(out, oi + 2 * oStride);
        b2.intoArray(out, oi + 2 * oStride + GROUP);
        a3.intoArray(out, oi + 3 * oStride);
        b3.intoArray(out, oi + 3 * oStride + GROUP);
    }

    static void oneByTwo(float[] q, int qi, int width, float[] keys, int k0, int k1, float[] out, int oi) {
        FloatVector a = FloatVector.zero(Lanes.FLOATS);
        FloatVector b = a;
        for (int d = 0; d < width; d++) {
            FloatVector query = broadcast(q[qi + d]);
            a = query.fma(load(keys, k0 + d * GROUP), a);
            b = query.fma(load(keys, k1 + d * GROUP), b);
        }
        a.intoArray(out, oi);
        b.intoArray(out, oi + GROUP);
    }

    private static FloatVector load(float[] keys, int index) {
        return FloatVector.fromArray(Lanes.FLOATS, keys, index);
    }

    private static FloatVector broadcast(float value) {
        return FloatVector.broadcast(Lanes.FLOATS, value);
    }
}
