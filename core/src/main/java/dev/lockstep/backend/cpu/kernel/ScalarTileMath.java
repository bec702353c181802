package dev.lockstep.backend.cpu.kernel;

import dev.lockstep.backend.cpu.memory.Bf16;
import dev.lockstep.backend.cpu.memory.Form;
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
            Form form,
            int ki,
            int kStride,
            float[] out,
            int oi,
            int oStride) {
        for (int query = 0; query < queries; query++) {
            for (int key = 0; key < GROUP; key++) {
                float sum = 0;
                for (int d = 0; d < width; d++) {
                    sum += q[qi + query * qStride + d] * get(keys, form, ki + d * kStride + key);
                }
                out[oi + query * oStride + key] = sum;
            }
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
            Form form,
            int vi,
            int vStride,
            int width,
            float[] acc,
            int ai,
            int aStride) {
        for (int key = 0; key < keys; key++) {
            for (int c = 0; c < width; c++) {
                float value = get(values, form, vi + key * vStride + c);
                for (int query = 0; query < queries; query++) {
                    acc[ai + query * aStride + c] += p[pi + query * pStride + key] * value;
                }
            }
        }
    }

    @Override
    public void accumulateTransposed(
            float[] p,
            int pi,
            int pStride,
            int queries,
            Slab[] keys,
            Form form,
            int[] offsets,
            int groups,
            int width,
            float[] acc,
            int ai,
            int aStride) {
        for (int query = 0; query < queries; query++) {
            for (int c = 0; c < width; c++) {
                float sum = 0;
                for (int group = 0; group < groups; group++) {
                    for (int key = 0; key < GROUP; key++) {
                        float weight = p[pi + query * pStride + group * GROUP + key];
                        sum += weight * get(keys[group], form, offsets[group] + c * GROUP + key);
                    }
                }
                acc[ai + query * aStride + c] += sum;
            }
        }
    }

    private static float get(Slab slab, Form form, int index) {
        if (form == Form.FP32) {
            return slab.get(index);
        }
        if (form == Form.INT8) {
            return slab.bytes().get(index);
        }
        short bits = slab.getShort(index);
        return form == Form.BF16 ? Bf16.toFloat(bits) : bits;
    }

    @Override
    public void accumulate(
            float[] p,
            int pi,
            int pStride,
            int queries,
            int keys,
            float[] values,
            int vi,
            int vStride,
            int width,
            float[] acc,
            int ai,
            int aStride) {
        for (int key = 0; key < keys; key++) {
            for (int c = 0; c < width; c++) {
                float value = values[vi + key * vStride + c];
                for (int query = 0; query < queries; query++) {
                    acc[ai + query * aStride + c] += p[pi + query * pStride + key] * value;
                }
            }
        }
    }

    @Override
    public void scoresOfTwo(
            float[] q,
            int qi,
            int qStride,
            int queries,
            int width,
            float[] keys,
            int first,
            int second,
            float[] out,
            int oi,
            int oStride) {
        for (int query = 0; query < queries; query++) {
            for (int key = 0; key < 2 * GROUP; key++) {
                int at = key < GROUP ? first + key : second + key - GROUP;
                float sum = 0;
                for (int d = 0; d < width; d++) {
                    sum += q[qi + query * qStride + d] * keys[at + d * GROUP];
                }
                out[oi + query * oStride + key] = sum;
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

    @Override
    public void multiply(float[] values, int vi, float[] factors, int fi, int n) {
        for (int i = 0; i < n; i++) {
            values[vi + i] *= factors[fi + i];
        }
    }

    @Override
    public void load(Slab x, int xi, float factor, float[] z, int zi, int n) {
        for (int i = 0; i < n; i++) {
            z[zi + i] = x.get(xi + i) * factor;
        }
    }

    @Override
    public void store(float[] x, int xi, float factor, Slab z, int zi, int n) {
        for (int i = 0; i < n; i++) {
            z.set(zi + i, x[xi + i] * factor);
        }
    }
}
