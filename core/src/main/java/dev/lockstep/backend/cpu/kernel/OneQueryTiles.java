package dev.lockstep.backend.cpu.kernel;

import dev.lockstep.backend.cpu.memory.Form;
import dev.lockstep.backend.cpu.memory.Lanes;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import jdk.incubator.vector.FloatVector;

/**
 * Scores of one query with several groups of cached keys in one slab: what decoding does. Four sums go on side by side,
 * since one alone would wait for each product, and for memory. Every sum runs in the order of {@link ScoreTiles}, so that
 * a row's bits do not depend on which of them it meets. Only where a vector
 * holds a whole group. One loop for each form, {@link OutOfLine}.
 */
final class OneQueryTiles {

    private static final int GROUP = TileMath.GROUP;

    private static final MethodHandle[] SCORES = {
        find("scoresFp32", false), find("scoresInt16", true), find("scoresInt8", true)
    };

    private OneQueryTiles() {}

    private static MethodHandle find(String name, boolean scaled) {
        MethodType type =
                MethodType.methodType(void.class, float[].class, int.class, int.class, Object.class, int[].class);
        type = scaled ? type.appendParameterTypes(int[].class) : type;
        type = type.appendParameterTypes(int.class, float[].class, int.class);
        return OutOfLine.find(MethodHandles.lookup(), name, type.parameterArray());
    }

    /** As {@link TileMath#scoresOfOne}. */
    static void scores(
            Form form,
            float[] q,
            int qi,
            int width,
            Object keys,
            int[] offsets,
            int[] scales,
            int blocks,
            float[] out,
            int oi) {
        try {
            switch (form) {
                case FP32 -> SCORES[0].invokeExact(q, qi, width, keys, offsets, blocks, out, oi);
                case INT16 -> SCORES[1].invokeExact(q, qi, width, keys, offsets, scales, blocks, out, oi);
                default -> SCORES[2].invokeExact(q, qi, width, keys, offsets, scales, blocks, out, oi);
            }
        } catch (Throwable e) {
            throw OutOfLine.unchecked(e);
        }
    }

    /** Scores with groups of transposed keys, first elements at {@code offsets}. */
    private static void scoresFp32(
            float[] q, int qi, int width, Object keys, int[] offsets, int groups, float[] out, int oi) {
        int g = 0;
        for (; g + 4 <= groups; g += 4) {
            int k0 = offsets[g];
            int k1 = offsets[g + 1];
            int k2 = offsets[g + 2];
            int k3 = offsets[g + 3];
            FloatVector s0 = FloatVector.zero(Lanes.FLOATS);
            FloatVector s1 = s0;
            FloatVector s2 = s0;
            FloatVector s3 = s0;
            for (int d = 0; d < width; d++) {
                FloatVector query = FloatVector.broadcast(Lanes.FLOATS, q[qi + d]);
                s0 = query.fma(Lanes.load(keys, k0 + d * GROUP), s0);
                s1 = query.fma(Lanes.load(keys, k1 + d * GROUP), s1);
                s2 = query.fma(Lanes.load(keys, k2 + d * GROUP), s2);
                s3 = query.fma(Lanes.load(keys, k3 + d * GROUP), s3);
            }
            s0.intoArray(out, oi + g * GROUP);
            s1.intoArray(out, oi + (g + 1) * GROUP);
            s2.intoArray(out, oi + (g + 2) * GROUP);
            s3.intoArray(out, oi + (g + 3) * GROUP);
        }
        for (; g < groups; g++) {
            int key = offsets[g];
            FloatVector sum = FloatVector.zero(Lanes.FLOATS);
            for (int d = 0; d < width; d++) {
                sum = FloatVector.broadcast(Lanes.FLOATS, q[qi + d]).fma(Lanes.load(keys, key + d * GROUP), sum);
            }
            sum.intoArray(out, oi + g * GROUP);
        }
    }

    /** Scores with groups of transposed keys, first elements at {@code offsets}, times the scales of their positions. */
    private static void scoresInt16(
            float[] q, int qi, int width, Object keys, int[] offsets, int[] scales, int groups, float[] out, int oi) {
        int g = 0;
        for (; g + 4 <= groups; g += 4) {
            int k0 = offsets[g];
            int k1 = offsets[g + 1];
            int k2 = offsets[g + 2];
            int k3 = offsets[g + 3];
            FloatVector s0 = FloatVector.zero(Lanes.FLOATS);
            FloatVector s1 = s0;
            FloatVector s2 = s0;
            FloatVector s3 = s0;
            for (int d = 0; d < width; d++) {
                FloatVector query = FloatVector.broadcast(Lanes.FLOATS, q[qi + d]);
                s0 = query.fma(Lanes.loadInt16(keys, k0 + d * GROUP), s0);
                s1 = query.fma(Lanes.loadInt16(keys, k1 + d * GROUP), s1);
                s2 = query.fma(Lanes.loadInt16(keys, k2 + d * GROUP), s2);
                s3 = query.fma(Lanes.loadInt16(keys, k3 + d * GROUP), s3);
            }
            s0.mul(Lanes.load(keys, scales[g])).intoArray(out, oi + g * GROUP);
            s1.mul(Lanes.load(keys, scales[g + 1])).intoArray(out, oi + (g + 1) * GROUP);
            s2.mul(Lanes.load(keys, scales[g + 2])).intoArray(out, oi + (g + 2) * GROUP);
            s3.mul(Lanes.load(keys, scales[g + 3])).intoArray(out, oi + (g + 3) * GROUP);
        }
        for (; g < groups; g++) {
            int key = offsets[g];
            FloatVector sum = FloatVector.zero(Lanes.FLOATS);
            for (int d = 0; d < width; d++) {
                sum = FloatVector.broadcast(Lanes.FLOATS, q[qi + d]).fma(Lanes.loadInt16(keys, key + d * GROUP), sum);
            }
            sum.mul(Lanes.load(keys, scales[g])).intoArray(out, oi + g * GROUP);
        }
    }

    /** Scores with groups of transposed keys, first elements at {@code offsets}, times the scales of their positions. */
    private static void scoresInt8(
            float[] q, int qi, int width, Object keys, int[] offsets, int[] scales, int groups, float[] out, int oi) {
        int g = 0;
        for (; g + 4 <= groups; g += 4) {
            int k0 = offsets[g];
            int k1 = offsets[g + 1];
            int k2 = offsets[g + 2];
            int k3 = offsets[g + 3];
            FloatVector s0 = FloatVector.zero(Lanes.FLOATS);
            FloatVector s1 = s0;
            FloatVector s2 = s0;
            FloatVector s3 = s0;
            for (int d = 0; d < width; d++) {
                FloatVector query = FloatVector.broadcast(Lanes.FLOATS, q[qi + d]);
                s0 = query.fma(Lanes.loadInt8(keys, k0 + d * GROUP), s0);
                s1 = query.fma(Lanes.loadInt8(keys, k1 + d * GROUP), s1);
                s2 = query.fma(Lanes.loadInt8(keys, k2 + d * GROUP), s2);
                s3 = query.fma(Lanes.loadInt8(keys, k3 + d * GROUP), s3);
            }
            s0.mul(Lanes.load(keys, scales[g])).intoArray(out, oi + g * GROUP);
            s1.mul(Lanes.load(keys, scales[g + 1])).intoArray(out, oi + (g + 1) * GROUP);
            s2.mul(Lanes.load(keys, scales[g + 2])).intoArray(out, oi + (g + 2) * GROUP);
            s3.mul(Lanes.load(keys, scales[g + 3])).intoArray(out, oi + (g + 3) * GROUP);
        }
        for (; g < groups; g++) {
            int key = offsets[g];
            FloatVector sum = FloatVector.zero(Lanes.FLOATS);
            for (int d = 0; d < width; d++) {
                sum = FloatVector.broadcast(Lanes.FLOATS, q[qi + d]).fma(Lanes.loadInt8(keys, key + d * GROUP), sum);
            }
            sum.mul(Lanes.load(keys, scales[g])).intoArray(out, oi + g * GROUP);
        }
    }
}
