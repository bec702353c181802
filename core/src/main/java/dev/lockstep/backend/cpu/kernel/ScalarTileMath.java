package dev.lockstep.backend.cpu.kernel;

import dev.lockstep.backend.cpu.memory.Bf16;
import dev.lockstep.backend.cpu.memory.Slab;

/** Tile products without the Vector API. */
final class ScalarTileMath implements TileMath {

    @Override
    public void scores(
            float[] q,
            int qi,
            int qStride,
            int queries,
            int width,
            Slab keys,
            int ki,
            float[] out,
            int oi,
            int oStride) {
        for (int query = 0; query < queries; query++) {
            for (int key = 0; key < GROUP; key++) {
                float sum = 0;
                for (int d = 0; d < width; d++) {
                    sum += q[qi + query * qStride + d] * keys.get(ki + d * GROUP + key);
                }
                out[oi + query * oStride + key] = sum;
            }
        }
    }

    @Override
    public void scoresBf16(float[] q, int qi, int width, Slab keys, int ki, float[] out, int oi) {
        for (int key = 0; key < GROUP; key++) {
            float sum = 0;
            for (int d = 0; d < width; d++) {
                sum += q[qi + d] * Bf16.toFloat(keys.getShort(ki + d * GROUP + key));
            }
            out[oi + key] = sum;
        }
    }

    @Override
    public void accumulate(
            float[] p,
            int pi,
            int pStride,
            int queries,
            int keys,
            Slab values,
            int vi,
            int vStride,
            int width,
            float[] acc,
            int ai,
            int aStride) {
        for (int query = 0; query < queries; query++) {
            for (int key = 0; key < keys; key++) {
                float weight = p[pi + query * pStride + key];
                for (int c = 0; c < width; c++) {
                    acc[ai + query * aStride + c] += weight * values.get(vi + key * vStride + c);
                }
            }
        }
    }

    @Override
    public void accumulateBf16(
            float[] p, int pi, int keys, Slab values, int vi, int vStride, int width, float[] acc, int ai) {
        for (int key = 0; key < keys; key++) {
            for (int c = 0; c < width; c++) {
                acc[ai + c] += p[pi + key] * Bf16.toFloat(values.getShort(vi + key * vStride + c));
            }
        }
    }

    @Override
    public float max(float[] values, int from, int to) {
        float max = Float.NEGATIVE_INFINITY;
        for (int i = from; i < to; i++) {
            max = Math.max(max, values[i]);
        }
        return max;
    }

    @Override
    public float expSum(float[] values, int from, int to, float max) {
        double sum = 0;
        for (int i = from; i < to; i++) {
            values[i] = (float) Math.exp(values[i] - max);
            sum += values[i];
        }
        return (float) sum;
    }

    @Override
    public void softCap(float[] values, int from, int to, float cap) {
        for (int i = from; i < to; i++) {
            values[i] = (float) (cap * Math.tanh(values[i] / cap));
        }
    }

    @Override
    public void addRamp(float[] values, int from, int to, float start, float step) {
        for (int i = from; i < to; i++) {
            values[i] += start + (i - from) * step;
        }
    }

    @Override
    public void addTerms(float[] values, int from, int to, float[] terms, int ti) {
        for (int i = from; i < to; i++) {
            values[i] += terms[ti + i - from];
        }
    }
}
