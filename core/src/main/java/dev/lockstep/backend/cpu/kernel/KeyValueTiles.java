package dev.lockstep.backend.cpu.kernel;

import dev.lockstep.backend.cpu.memory.Lanes;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Weighted sums of values that are the first features of transposed keys: feature by feature over all groups of keys,
 * so that sums stay in registers and lanes are added up once a feature.
 */
final class KeyValueTiles {

    private static final int GROUP = TileMath.GROUP;
    private static final int LENGTH = Lanes.LENGTH;

    private KeyValueTiles() {}

    static void one(
            float[] p, int pi, Object keys, boolean bf16, int[] offsets, int groups, int width, float[] acc, int ai) {
        for (int c = 0; c < width; c++) {
            FloatVector sum = FloatVector.zero(Lanes.FLOATS);
            for (int group = 0; group < groups; group++) {
                int key = offsets[group] + c * GROUP;
                for (int lane = 0; lane < GROUP; lane += LENGTH) {
                    sum = weights(p, pi + group * GROUP + lane).fma(load(keys, bf16, key + lane), sum);
                }
            }
            acc[ai + c] += sum.reduceLanes(VectorOperators.ADD);
        }
    }

    static void four(
            float[] p,
            int pi,
            int pStride,
            Object keys,
            boolean bf16,
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
                    FloatVector value = load(keys, bf16, key + lane);
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

    private static FloatVector load(Object keys, boolean bf16, int index) {
        return bf16 ? Lanes.loadBf16(keys, index) : Lanes.load(keys, index);
    }

    private static FloatVector weights(float[] p, int index) {
        return FloatVector.fromArray(Lanes.FLOATS, p, index);
    }
}
