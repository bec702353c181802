package dev.lockstep.backend.cpu.kernel;

import dev.lockstep.backend.cpu.memory.Form;
import dev.lockstep.backend.cpu.memory.Lanes;
import dev.lockstep.backend.cpu.memory.Slab;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Weighted sums of values that are the first features of transposed keys: feature by feature over all groups of keys,
 * so that sums stay in registers and lanes are added up once a feature. One loop for each form, {@link OutOfLine}.
 */
final class KeyValueTiles {

    private static final int GROUP = TileMath.GROUP;
    private static final int LENGTH = Lanes.LENGTH;

    private static final MethodHandle[] ONE = {find("one"), find("oneInt16")};
    private static final MethodHandle[] ACROSS = {findAcross("across"), findAcross("acrossInt16")};
    private static final MethodHandle[] FOUR = {findStrided("four"), findStrided("fourInt16")};

    private KeyValueTiles() {}

    private static MethodHandle find(String name) {
        return OutOfLine.find(
                MethodHandles.lookup(),
                name,
                float[].class,
                int.class,
                Object.class,
                int[].class,
                int.class,
                int.class,
                float[].class,
                int.class);
    }

    private static MethodHandle findAcross(String name) {
        return OutOfLine.find(
                MethodHandles.lookup(),
                name,
                float[].class,
                int.class,
                Slab[].class,
                int[].class,
                int.class,
                int.class,
                float[].class,
                int.class);
    }

    private static MethodHandle findStrided(String name) {
        return OutOfLine.find(
                MethodHandles.lookup(),
                name,
                float[].class,
                int.class,
                int.class,
                Object.class,
                int[].class,
                int.class,
                int.class,
                float[].class,
                int.class,
                int.class);
    }

    /** One query: acc[ai + c] += sum of weights from {@code pi} on times feature c of the keys. */
    static void addOne(
            Form form, float[] p, int pi, Object keys, int[] offsets, int groups, int width, float[] acc, int ai) {
        try {
            ONE[form == Form.FP32 ? 0 : 1].invokeExact(p, pi, keys, offsets, groups, width, acc, ai);
        } catch (Throwable e) {
            throw OutOfLine.unchecked(e);
        }
    }

    /** As {@link #addOne}, to the bit, of groups that lie in several slabs. */
    static void addOneAcross(
            Form form, float[] p, int pi, Slab[] keys, int[] offsets, int groups, int width, float[] acc, int ai) {
        try {
            ACROSS[form == Form.FP32 ? 0 : 1].invokeExact(p, pi, keys, offsets, groups, width, acc, ai);
        } catch (Throwable e) {
            throw OutOfLine.unchecked(e);
        }
    }

    /** Four queries: their weights {@code pStride} apart, their sums {@code aStride}. */
    static void addFour(
            Form form,
            float[] p,
            int pi,
            int pStride,
            Object keys,
            int[] offsets,
            int groups,
            int width,
            float[] acc,
            int ai,
            int aStride) {
        try {
            FOUR[form == Form.FP32 ? 0 : 1].invokeExact(p, pi, pStride, keys, offsets, groups, width, acc, ai, aStride);
        } catch (Throwable e) {
            throw OutOfLine.unchecked(e);
        }
    }

    private static void one(float[] p, int pi, Object keys, int[] offsets, int groups, int width, float[] acc, int ai) {
        for (int c = 0; c < width; c++) {
            FloatVector sum = FloatVector.zero(Lanes.FLOATS);
            for (int group = 0; group < groups; group++) {
                int key = offsets[group] + c * GROUP;
                for (int lane = 0; lane < GROUP; lane += LENGTH) {
                    sum = weights(p, pi + group * GROUP + lane).fma(Lanes.load(keys, key + lane), sum);
                }
            }
            acc[ai + c] += sum.reduceLanes(VectorOperators.ADD);
        }
    }

    private static void oneInt16(
            float[] p, int pi, Object keys, int[] offsets, int groups, int width, float[] acc, int ai) {
        for (int c = 0; c < width; c++) {
            FloatVector sum = FloatVector.zero(Lanes.FLOATS);
            for (int group = 0; group < groups; group++) {
                int key = offsets[group] + c * GROUP;
                for (int lane = 0; lane < GROUP; lane += LENGTH) {
                    sum = weights(p, pi + group * GROUP + lane).fma(Lanes.loadInt16(keys, key + lane), sum);
                }
            }
            acc[ai + c] += sum.reduceLanes(VectorOperators.ADD);
        }
    }

    private static void across(
            float[] p, int pi, Slab[] keys, int[] offsets, int groups, int width, float[] acc, int ai) {
        for (int c = 0; c < width; c++) {
            FloatVector sum = FloatVector.zero(Lanes.FLOATS);
            for (int group = 0; group < groups; group++) {
                Object memory = keys[group].memory();
                int key = offsets[group] + c * GROUP;
                for (int lane = 0; lane < GROUP; lane += LENGTH) {
                    sum = weights(p, pi + group * GROUP + lane).fma(Lanes.load(memory, key + lane), sum);
                }
            }
            acc[ai + c] += sum.reduceLanes(VectorOperators.ADD);
        }
    }

    private static void acrossInt16(
            float[] p, int pi, Slab[] keys, int[] offsets, int groups, int width, float[] acc, int ai) {
        for (int c = 0; c < width; c++) {
            FloatVector sum = FloatVector.zero(Lanes.FLOATS);
            for (int group = 0; group < groups; group++) {
                Object memory = keys[group].memory();
                int key = offsets[group] + c * GROUP;
                for (int lane = 0; lane < GROUP; lane += LENGTH) {
                    sum = weights(p, pi + group * GROUP + lane).fma(Lanes.loadInt16(memory, key + lane), sum);
                }
            }
            acc[ai + c] += sum.reduceLanes(VectorOperators.ADD);
        }
    }

    private static void four(
            float[] p,
            int pi,
            int pStride,
            Object keys,
            int[] offsets,
            int groups,
            int width,
            float[] acc,
            int ai,
            int aStride) {
        for (int c = 0; c < width; c++) {
            FloatVector s0 = FloatVector.zero(Lanes.FLOATS);
            FloatVector s1 = s0;
            FloatVector s2 = s0;
            FloatVector s3 = s0;
            for (int group = 0; group < groups; group++) {
                int key = offsets[group] + c * GROUP;
                int at = pi + group * GROUP;
                for (int lane = 0; lane < GROUP; lane += LENGTH) {
                    FloatVector value = Lanes.load(keys, key + lane);
                    s0 = weights(p, at + lane).fma(value, s0);
                    s1 = weights(p, at + pStride + lane).fma(value, s1);
                    s2 = weights(p, at + 2 * pStride + lane).fma(value, s2);
                    s3 = weights(p, at + 3 * pStride + lane).fma(value, s3);
                }
            }
            acc[ai + c] += s0.reduceLanes(VectorOperators.ADD);
            acc[ai + aStride + c] += s1.reduceLanes(VectorOperators.ADD);
            acc[ai + 2 * aStride + c] += s2.reduceLanes(VectorOperators.ADD);
            acc[ai + 3 * aStride + c] += s3.reduceLanes(VectorOperators.ADD);
        }
    }

    private static void fourInt16(
            float[] p,
            int pi,
            int pStride,
            Object keys,
            int[] offsets,
            int groups,
            int width,
            float[] acc,
            int ai,
            int aStride) {
        for (int c = 0; c < width; c++) {
            FloatVector s0 = FloatVector.zero(Lanes.FLOATS);
            FloatVector s1 = s0;
            FloatVector s2 = s0;
            FloatVector s3 = s0;
            for (int group = 0; group < groups; group++) {
                int key = offsets[group] + c * GROUP;
                int at = pi + group * GROUP;
                for (int lane = 0; lane < GROUP; lane += LENGTH) {
                    FloatVector value = Lanes.loadInt16(keys, key + lane);
                    s0 = weights(p, at + lane).fma(value, s0);
                    s1 = weights(p, at + pStride + lane).fma(value, s1);
                    s2 = weights(p, at + 2 * pStride + lane).fma(value, s2);
                    s3 = weights(p, at + 3 * pStride + lane).fma(value, s3);
                }
            }
            acc[ai + c] += s0.reduceLanes(VectorOperators.ADD);
            acc[ai + aStride + c] += s1.reduceLanes(VectorOperators.ADD);
            acc[ai + 2 * aStride + c] += s2.reduceLanes(VectorOperators.ADD);
            acc[ai + 3 * aStride + c] += s3.reduceLanes(VectorOperators.ADD);
        }
    }

    private static FloatVector weights(float[] p, int index) {
        return FloatVector.fromArray(Lanes.FLOATS, p, index);
    }
}
