package dev.lockstep.backend.cpu.kernel;

import dev.lockstep.backend.cpu.memory.Form;
import dev.lockstep.backend.cpu.memory.Lanes;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;

/**
 * Attention of four queries that share cached keys and values in integers. What is read is converted to floats once for
 * all four. There is one loop per format, {@link OutOfLine}. Sums run in the order of {@link ScoreTiles} and
 * {@link ValueTiles}.
 */
final class FourQueryTiles {

    /** Queries per loop. */
    static final int QUERIES = 4;

    /** Columns of values per loop. */
    private static final int COLUMNS = 2 * Lanes.LENGTH;

    private static final int LENGTH = Lanes.LENGTH;
    private static final MethodHandle[] SCORES = {find("scoreInt16"), find("scoreInt8")};
    private static final MethodHandle[] VALUES = {find("addInt16"), find("addInt8")};

    private FourQueryTiles() {}

    /** Scores and sums of values take arguments of the same kinds. */
    private static MethodHandle find(String name) {
        return OutOfLine.find(
                MethodHandles.lookup(),
                name,
                float[].class,
                int.class,
                int.class,
                int.class,
                Object.class,
                int.class,
                int.class,
                float[].class,
                int.class,
                int.class);
    }

    /** As {@link TileMath#scores} for one vector of keys. */
    static void scores(
            Form form,
            float[] q,
            int qi,
            int qStride,
            int width,
            Object keys,
            int ki,
            int kStride,
            float[] out,
            int oi,
            int oStride) {
        try {
            SCORES[form == Form.INT16 ? 0 : 1].invokeExact(q, qi, qStride, width, keys, ki, kStride, out, oi, oStride);
        } catch (Throwable e) {
            throw OutOfLine.unchecked(e);
        }
    }

    /** As {@link TileMath#accumulate}, over whole vectors of columns. */
    static void accumulate(
            Form form,
            float[] p,
            int pi,
            int pStride,
            int keys,
            Object values,
            int vi,
            int vStride,
            int width,
            float[] acc,
            int ai,
            int aStride) {
        int c = 0;
        for (; c + COLUMNS <= width; c += COLUMNS) {
            columns(form, p, pi, pStride, keys, values, vi + c, vStride, acc, ai + c, aStride);
        }
        for (int query = 0; c < width && query < QUERIES; query++) {
            int from = pi + query * pStride;
            ValueTiles.one(form, p, from, keys, values, vi + c, vStride, width - c, acc, ai + c + query * aStride);
        }
    }

    private static void columns(
            Form form,
            float[] p,
            int pi,
            int pStride,
            int keys,
            Object values,
            int vi,
            int vStride,
            float[] acc,
            int ai,
            int aStride) {
        try {
            VALUES[form == Form.INT16 ? 0 : 1].invokeExact(p, pi, pStride, keys, values, vi, vStride, acc, ai, aStride);
        } catch (Throwable e) {
            throw OutOfLine.unchecked(e);
        }
    }

    private static void scoreInt16(
            float[] q,
            int qi,
            int qStride,
            int width,
            Object keys,
            int ki,
            int kStride,
            float[] out,
            int oi,
            int oStride) {
        FloatVector s0 = FloatVector.zero(Lanes.FLOATS);
        FloatVector s1 = s0;
        FloatVector s2 = s0;
        FloatVector s3 = s0;
        int q1 = qi + qStride;
        int q2 = q1 + qStride;
        int q3 = q2 + qStride;
        for (int d = 0; d < width; d++) {
            FloatVector key = Lanes.loadInt16(keys, ki + d * kStride);
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

    private static void scoreInt8(
            float[] q,
            int qi,
            int qStride,
            int width,
            Object keys,
            int ki,
            int kStride,
            float[] out,
            int oi,
            int oStride) {
        FloatVector s0 = FloatVector.zero(Lanes.FLOATS);
        FloatVector s1 = s0;
        FloatVector s2 = s0;
        FloatVector s3 = s0;
        int q1 = qi + qStride;
        int q2 = q1 + qStride;
        int q3 = q2 + qStride;
        for (int d = 0; d < width; d++) {
            FloatVector key = Lanes.loadInt8(keys, ki + d * kStride);
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

    private static void addInt16(
            float[] p,
            int pi,
            int pStride,
            int keys,
            Object values,
            int vi,
            int vStride,
            float[] acc,
            int ai,
            int aStride) {
        int p1 = pi + pStride;
        int p2 = p1 + pStride;
        int p3 = p2 + pStride;
        int a1 = ai + aStride;
        int a2 = a1 + aStride;
        int a3 = a2 + aStride;
        FloatVector r00 = FloatVector.fromArray(Lanes.FLOATS, acc, ai);
        FloatVector r01 = FloatVector.fromArray(Lanes.FLOATS, acc, ai + LENGTH);
        FloatVector r10 = FloatVector.fromArray(Lanes.FLOATS, acc, a1);
        FloatVector r11 = FloatVector.fromArray(Lanes.FLOATS, acc, a1 + LENGTH);
        FloatVector r20 = FloatVector.fromArray(Lanes.FLOATS, acc, a2);
        FloatVector r21 = FloatVector.fromArray(Lanes.FLOATS, acc, a2 + LENGTH);
        FloatVector r30 = FloatVector.fromArray(Lanes.FLOATS, acc, a3);
        FloatVector r31 = FloatVector.fromArray(Lanes.FLOATS, acc, a3 + LENGTH);
        for (int j = 0; j < keys; j++) {
            int at = vi + j * vStride;
            FloatVector v0 = Lanes.loadInt16(values, at);
            FloatVector v1 = Lanes.loadInt16(values, at + LENGTH);
            FloatVector w0 = broadcast(p[pi + j]);
            r00 = w0.fma(v0, r00);
            r01 = w0.fma(v1, r01);
            FloatVector w1 = broadcast(p[p1 + j]);
            r10 = w1.fma(v0, r10);
            r11 = w1.fma(v1, r11);
            FloatVector w2 = broadcast(p[p2 + j]);
            r20 = w2.fma(v0, r20);
            r21 = w2.fma(v1, r21);
            FloatVector w3 = broadcast(p[p3 + j]);
            r30 = w3.fma(v0, r30);
            r31 = w3.fma(v1, r31);
        }
        r00.intoArray(acc, ai);
        r01.intoArray(acc, ai + LENGTH);
        r10.intoArray(acc, a1);
        r11.intoArray(acc, a1 + LENGTH);
        r20.intoArray(acc, a2);
        r21.intoArray(acc, a2 + LENGTH);
        r30.intoArray(acc, a3);
        r31.intoArray(acc, a3 + LENGTH);
    }

    private static void addInt8(
            float[] p,
            int pi,
            int pStride,
            int keys,
            Object values,
            int vi,
            int vStride,
            float[] acc,
            int ai,
            int aStride) {
        int p1 = pi + pStride;
        int p2 = p1 + pStride;
        int p3 = p2 + pStride;
        int a1 = ai + aStride;
        int a2 = a1 + aStride;
        int a3 = a2 + aStride;
        FloatVector r00 = FloatVector.fromArray(Lanes.FLOATS, acc, ai);
        FloatVector r01 = FloatVector.fromArray(Lanes.FLOATS, acc, ai + LENGTH);
        FloatVector r10 = FloatVector.fromArray(Lanes.FLOATS, acc, a1);
        FloatVector r11 = FloatVector.fromArray(Lanes.FLOATS, acc, a1 + LENGTH);
        FloatVector r20 = FloatVector.fromArray(Lanes.FLOATS, acc, a2);
        FloatVector r21 = FloatVector.fromArray(Lanes.FLOATS, acc, a2 + LENGTH);
        FloatVector r30 = FloatVector.fromArray(Lanes.FLOATS, acc, a3);
        FloatVector r31 = FloatVector.fromArray(Lanes.FLOATS, acc, a3 + LENGTH);
        for (int j = 0; j < keys; j++) {
            int at = vi + j * vStride;
            FloatVector v0 = Lanes.loadInt8(values, at);
            FloatVector v1 = Lanes.loadInt8(values, at + LENGTH);
            FloatVector w0 = broadcast(p[pi + j]);
            r00 = w0.fma(v0, r00);
            r01 = w0.fma(v1, r01);
            FloatVector w1 = broadcast(p[p1 + j]);
            r10 = w1.fma(v0, r10);
            r11 = w1.fma(v1, r11);
            FloatVector w2 = broadcast(p[p2 + j]);
            r20 = w2.fma(v0, r20);
            r21 = w2.fma(v1, r21);
            FloatVector w3 = broadcast(p[p3 + j]);
            r30 = w3.fma(v0, r30);
            r31 = w3.fma(v1, r31);
        }
        r00.intoArray(acc, ai);
        r01.intoArray(acc, ai + LENGTH);
        r10.intoArray(acc, a1);
        r11.intoArray(acc, a1 + LENGTH);
        r20.intoArray(acc, a2);
        r21.intoArray(acc, a2 + LENGTH);
        r30.intoArray(acc, a3);
        r31.intoArray(acc, a3 + LENGTH);
    }

    private static FloatVector broadcast(float value) {
        return FloatVector.broadcast(Lanes.FLOATS, value);
    }
}
