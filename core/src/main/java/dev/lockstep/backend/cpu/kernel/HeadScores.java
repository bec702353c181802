package dev.lockstep.backend.cpu.kernel;

import dev.lockstep.backend.cpu.memory.Form;
import dev.lockstep.backend.cpu.memory.Lanes;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;

/**
 * The loops of {@link HeadMath#scores}, for four heads at a time, whose keys are adjacent. Four sums run in parallel,
 * since a single one would wait for each product. Memory is read in order, which is twice as fast. There is one loop
 * per format, {@link OutOfLine}.
 */
final class HeadScores {

    private static final int GROUP = TileMath.GROUP;
    private static final MethodHandle[] LOOPS = {find("fp32"), find("int16"), find("int8")};

    private HeadScores() {}

    private static MethodHandle find(String name) {
        return OutOfLine.find(
                MethodHandles.lookup(),
                name,
                float[][].class,
                int.class,
                int.class,
                Object.class,
                int.class,
                int.class,
                int.class,
                int.class,
                int.class,
                int.class,
                float[][].class,
                int.class);
    }

    /** The loop for a format. */
    static MethodHandle of(Form form) {
        return LOOPS[
                switch (form) {
                    case FP32 -> 0;
                    case INT16 -> 1;
                    default -> 2;
                }];
    }

    private static void fp32(
            float[][] q,
            int heads,
            int width,
            Object keys,
            int ki,
            int fourStride,
            int headStride,
            int keyStride,
            int factors,
            int fourFactors,
            float[][] out,
            int oi) {
        for (int head = 0; head < heads; head += 4) {
            float[] q0 = q[head];
            float[] q1 = q[head + 1];
            float[] q2 = q[head + 2];
            float[] q3 = q[head + 3];
            int k0 = ki + head / 4 * fourStride;
            int k1 = k0 + headStride;
            int k2 = k1 + headStride;
            int k3 = k2 + headStride;
            FloatVector s0 = FloatVector.zero(Lanes.FLOATS);
            FloatVector s1 = s0;
            FloatVector s2 = s0;
            FloatVector s3 = s0;
            for (int d = 0; d < width; d++) {
                int at = d * keyStride;
                s0 = broadcast(q0[d]).fma(Lanes.load(keys, k0 + at), s0);
                s1 = broadcast(q1[d]).fma(Lanes.load(keys, k1 + at), s1);
                s2 = broadcast(q2[d]).fma(Lanes.load(keys, k2 + at), s2);
                s3 = broadcast(q3[d]).fma(Lanes.load(keys, k3 + at), s3);
            }
            s0.intoArray(out[head], oi);
            s1.intoArray(out[head + 1], oi);
            s2.intoArray(out[head + 2], oi);
            s3.intoArray(out[head + 3], oi);
        }
    }

    private static void int16(
            float[][] q,
            int heads,
            int width,
            Object keys,
            int ki,
            int fourStride,
            int headStride,
            int keyStride,
            int factors,
            int fourFactors,
            float[][] out,
            int oi) {
        for (int head = 0; head < heads; head += 4) {
            float[] q0 = q[head];
            float[] q1 = q[head + 1];
            float[] q2 = q[head + 2];
            float[] q3 = q[head + 3];
            int k0 = ki + head / 4 * fourStride;
            int k1 = k0 + headStride;
            int k2 = k1 + headStride;
            int k3 = k2 + headStride;
            FloatVector s0 = FloatVector.zero(Lanes.FLOATS);
            FloatVector s1 = s0;
            FloatVector s2 = s0;
            FloatVector s3 = s0;
            for (int d = 0; d < width; d++) {
                int at = d * keyStride;
                s0 = broadcast(q0[d]).fma(Lanes.loadInt16(keys, k0 + at), s0);
                s1 = broadcast(q1[d]).fma(Lanes.loadInt16(keys, k1 + at), s1);
                s2 = broadcast(q2[d]).fma(Lanes.loadInt16(keys, k2 + at), s2);
                s3 = broadcast(q3[d]).fma(Lanes.loadInt16(keys, k3 + at), s3);
            }
            int of = factors + head / 4 * fourFactors;
            s0.mul(Lanes.load(keys, of)).intoArray(out[head], oi);
            s1.mul(Lanes.load(keys, of + GROUP)).intoArray(out[head + 1], oi);
            s2.mul(Lanes.load(keys, of + 2 * GROUP)).intoArray(out[head + 2], oi);
            s3.mul(Lanes.load(keys, of + 3 * GROUP)).intoArray(out[head + 3], oi);
        }
    }

    private static void int8(
            float[][] q,
            int heads,
            int width,
            Object keys,
            int ki,
            int fourStride,
            int headStride,
            int keyStride,
            int factors,
            int fourFactors,
            float[][] out,
            int oi) {
        for (int head = 0; head < heads; head += 4) {
            float[] q0 = q[head];
            float[] q1 = q[head + 1];
            float[] q2 = q[head + 2];
            float[] q3 = q[head + 3];
            int k0 = ki + head / 4 * fourStride;
            int k1 = k0 + headStride;
            int k2 = k1 + headStride;
            int k3 = k2 + headStride;
            FloatVector s0 = FloatVector.zero(Lanes.FLOATS);
            FloatVector s1 = s0;
            FloatVector s2 = s0;
            FloatVector s3 = s0;
            for (int d = 0; d < width; d++) {
                int at = d * keyStride;
                s0 = broadcast(q0[d]).fma(Lanes.loadInt8(keys, k0 + at), s0);
                s1 = broadcast(q1[d]).fma(Lanes.loadInt8(keys, k1 + at), s1);
                s2 = broadcast(q2[d]).fma(Lanes.loadInt8(keys, k2 + at), s2);
                s3 = broadcast(q3[d]).fma(Lanes.loadInt8(keys, k3 + at), s3);
            }
            int of = factors + head / 4 * fourFactors;
            s0.mul(Lanes.load(keys, of)).intoArray(out[head], oi);
            s1.mul(Lanes.load(keys, of + GROUP)).intoArray(out[head + 1], oi);
            s2.mul(Lanes.load(keys, of + 2 * GROUP)).intoArray(out[head + 2], oi);
            s3.mul(Lanes.load(keys, of + 3 * GROUP)).intoArray(out[head + 3], oi);
        }
    }

    private static FloatVector broadcast(float value) {
        return FloatVector.broadcast(Lanes.FLOATS, value);
    }
}
