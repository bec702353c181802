package dev.lockstep.backend.cpu.kernel;

import dev.lockstep.backend.cpu.memory.Form;
import dev.lockstep.backend.cpu.memory.Lanes;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;

/**
 * Scores of one query of each of four heads with a group of cached keys of each, which lie side by side: what
 * decoding does. Four sums go on side by side, since one alone would wait for each product; and memory is read in order,
 * which is twice as fast. Every sum runs in the order of {@link ScoreTiles}, so that a row's bits do not depend on which
 * of them it meets. Only where a vector holds a whole group. One loop for each form, {@link OutOfLine}.
 */
final class FourHeadTiles {

    private static final MethodHandle[] SCORES = {find("fp32"), find("int16"), find("int8")};

    private FourHeadTiles() {}

    private static MethodHandle find(String name) {
        return OutOfLine.find(
                MethodHandles.lookup(),
                name,
                float[][].class,
                int.class,
                Object.class,
                int.class,
                int.class,
                int.class,
                float[][].class,
                int.class);
    }

    /** As {@link TileMath#scoresOfFour}. */
    static void scores(
            Form form, float[][] q, int width, Object keys, int ki, int hStride, int kStride, float[][] out, int oi) {
        int loop =
                switch (form) {
                    case FP32 -> 0;
                    case INT16 -> 1;
                    default -> 2;
                };
        try {
            SCORES[loop].invokeExact(q, width, keys, ki, hStride, kStride, out, oi);
        } catch (Throwable e) {
            throw OutOfLine.unchecked(e);
        }
    }

    private static void fp32(
            float[][] q, int width, Object keys, int ki, int hStride, int kStride, float[][] out, int oi) {
        float[] q0 = q[0];
        float[] q1 = q[1];
        float[] q2 = q[2];
        float[] q3 = q[3];
        int k1 = ki + hStride;
        int k2 = k1 + hStride;
        int k3 = k2 + hStride;
        FloatVector s0 = FloatVector.zero(Lanes.FLOATS);
        FloatVector s1 = s0;
        FloatVector s2 = s0;
        FloatVector s3 = s0;
        for (int d = 0; d < width; d++) {
            int at = d * kStride;
            s0 = broadcast(q0[d]).fma(Lanes.load(keys, ki + at), s0);
            s1 = broadcast(q1[d]).fma(Lanes.load(keys, k1 + at), s1);
            s2 = broadcast(q2[d]).fma(Lanes.load(keys, k2 + at), s2);
            s3 = broadcast(q3[d]).fma(Lanes.load(keys, k3 + at), s3);
        }
        s0.intoArray(out[0], oi);
        s1.intoArray(out[1], oi);
        s2.intoArray(out[2], oi);
        s3.intoArray(out[3], oi);
    }

    private static void int16(
            float[][] q, int width, Object keys, int ki, int hStride, int kStride, float[][] out, int oi) {
        float[] q0 = q[0];
        float[] q1 = q[1];
        float[] q2 = q[2];
        float[] q3 = q[3];
        int k1 = ki + hStride;
        int k2 = k1 + hStride;
        int k3 = k2 + hStride;
        FloatVector s0 = FloatVector.zero(Lanes.FLOATS);
        FloatVector s1 = s0;
        FloatVector s2 = s0;
        FloatVector s3 = s0;
        for (int d = 0; d < width; d++) {
            int at = d * kStride;
            s0 = broadcast(q0[d]).fma(Lanes.loadInt16(keys, ki + at), s0);
            s1 = broadcast(q1[d]).fma(Lanes.loadInt16(keys, k1 + at), s1);
            s2 = broadcast(q2[d]).fma(Lanes.loadInt16(keys, k2 + at), s2);
            s3 = broadcast(q3[d]).fma(Lanes.loadInt16(keys, k3 + at), s3);
        }
        s0.intoArray(out[0], oi);
        s1.intoArray(out[1], oi);
        s2.intoArray(out[2], oi);
        s3.intoArray(out[3], oi);
    }

    private static void int8(
            float[][] q, int width, Object keys, int ki, int hStride, int kStride, float[][] out, int oi) {
        float[] q0 = q[0];
        float[] q1 = q[1];
        float[] q2 = q[2];
        float[] q3 = q[3];
        int k1 = ki + hStride;
        int k2 = k1 + hStride;
        int k3 = k2 + hStride;
        FloatVector s0 = FloatVector.zero(Lanes.FLOATS);
        FloatVector s1 = s0;
        FloatVector s2 = s0;
        FloatVector s3 = s0;
        for (int d = 0; d < width; d++) {
            int at = d * kStride;
            s0 = broadcast(q0[d]).fma(Lanes.loadInt8(keys, ki + at), s0);
            s1 = broadcast(q1[d]).fma(Lanes.loadInt8(keys, k1 + at), s1);
            s2 = broadcast(q2[d]).fma(Lanes.loadInt8(keys, k2 + at), s2);
            s3 = broadcast(q3[d]).fma(Lanes.loadInt8(keys, k3 + at), s3);
        }
        s0.intoArray(out[0], oi);
        s1.intoArray(out[1], oi);
        s2.intoArray(out[2], oi);
        s3.intoArray(out[3], oi);
    }

    private static FloatVector broadcast(float value) {
        return FloatVector.broadcast(Lanes.FLOATS, value);
    }
}
