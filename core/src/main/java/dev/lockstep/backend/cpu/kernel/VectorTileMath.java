package dev.lockstep.backend.cpu.kernel;

import dev.lockstep.backend.cpu.memory.Form;
import dev.lockstep.backend.cpu.memory.Lanes;
import dev.lockstep.backend.cpu.memory.Slab;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** Tile products on the Vector API: dispatch to the kernels of fixed tile sizes, and the passes of the softmax. */
final class VectorTileMath implements TileMath {

    private static final int LENGTH = Lanes.LENGTH;
    private static final ScalarTileMath TAIL = new ScalarTileMath();

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
        for (int lane = 0; lane < GROUP; lane += LENGTH) {
            if (form == Form.FP32) {
                fp32Scores(q, qi, qStride, queries, width, keys.memory(), ki + lane, out, oi + lane, oStride);
            } else if (form == Form.INT16 || form == Form.INT8) {
                int to = oi + lane;
                ScoreTiles.integers(
                        q, qi, qStride, queries, width, keys.memory(), form, ki + lane, kStride, out, to, oStride);
            } else {
                bf16Scores(q, qi, qStride, queries, width, keys.memory(), ki + lane, out, oi + lane, oStride);
            }
        }
    }

    private static void fp32Scores(
            float[] q,
            int qi,
            int qStride,
            int queries,
            int width,
            Object keys,
            int ki,
            float[] out,
            int oi,
            int oStride) {
        int query = 0;
        for (; query + 8 <= queries; query += 8) {
            ScoreTiles.eight(q, qi + query * qStride, qStride, width, keys, ki, out, oi + query * oStride, oStride);
        }
        for (; query + 4 <= queries; query += 4) {
            ScoreTiles.four(q, qi + query * qStride, qStride, width, keys, ki, out, oi + query * oStride, oStride);
        }
        for (; query < queries; query++) {
            ScoreTiles.one(q, qi + query * qStride, width, keys, ki, out, oi + query * oStride);
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
        if (!isOne(keys, groups)) {
            for (int query = 0; query < queries; query++) {
                int at = pi + query * pStride;
                KeyValueTiles.addOneAcross(form, p, at, keys, offsets, groups, width, acc, ai + query * aStride);
            }
            return;
        }
        Object memory = groups == 0 ? null : keys[0].memory();
        int query = 0;
        for (; query + 4 <= queries; query += 4) {
            int at = pi + query * pStride;
            int to = ai + query * aStride;
            KeyValueTiles.addFour(form, p, at, pStride, memory, offsets, groups, width, acc, to, aStride);
        }
        for (; query < queries; query++) {
            int at = pi + query * pStride;
            KeyValueTiles.addOne(form, p, at, memory, offsets, groups, width, acc, ai + query * aStride);
        }
    }

    /** Whether all groups lie in one slab, as they do unless a pool is larger than a slab. */
    private static boolean isOne(Slab[] slabs, int groups) {
        for (int group = 1; group < groups; group++) {
            if (slabs[group] != slabs[0]) {
                return false;
            }
        }
        return true;
    }

    private static void bf16Scores(
            float[] q,
            int qi,
            int qStride,
            int queries,
            int width,
            Object keys,
            int ki,
            float[] out,
            int oi,
            int oStride) {
        int query = 0;
        for (; query + 4 <= queries; query += 4) {
            ScoreTiles.fourBf16(q, qi + query * qStride, qStride, width, keys, ki, out, oi + query * oStride, oStride);
        }
        for (; query < queries; query++) {
            ScoreTiles.oneBf16(q, qi + query * qStride, width, keys, ki, out, oi + query * oStride);
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
        int query = 0;
        boolean integers = form == Form.INT16 || form == Form.INT8;
        for (; integers && query + FourQueryTiles.QUERIES <= queries; query += FourQueryTiles.QUERIES) {
            int from = pi + query * pStride;
            FourQueryTiles.accumulate(
                    form,
                    p,
                    from,
                    pStride,
                    keys,
                    values.memory(),
                    vi,
                    vStride,
                    width,
                    acc,
                    ai + query * aStride,
                    aStride);
        }
        for (; query < queries; query++) {
            int from = pi + query * pStride;
            ValueTiles.one(form, p, from, keys, values.memory(), vi, vStride, width, acc, ai + query * aStride);
        }
        int whole = width & -LENGTH;
        if (whole < width) {
            TAIL.accumulate(
                    p,
                    pi,
                    pStride,
                    queries,
                    keys,
                    values,
                    form,
                    vi + whole,
                    vStride,
                    width - whole,
                    acc,
                    ai + whole,
                    aStride);
        }
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
        int query = 0;
        for (; query + 4 <= queries; query += 4) {
            int pq = pi + query * pStride;
            int aq = ai + query * aStride;
            int c = 0;
            for (; c + 4 * LENGTH <= width; c += 4 * LENGTH) {
                ValueTiles.fourByFour(p, pq, pStride, keys, values, vi + c, vStride, acc, aq + c, aStride);
            }
            for (; c + LENGTH <= width; c += LENGTH) {
                ValueTiles.fourByOne(p, pq, pStride, keys, values, vi + c, vStride, acc, aq + c, aStride);
            }
        }
        for (; query < queries; query++) {
            int pq = pi + query * pStride;
            int aq = ai + query * aStride;
            int c = 0;
            for (; c + 4 * LENGTH <= width; c += 4 * LENGTH) {
                ValueTiles.oneByFour(p, pq, keys, values, vi + c, vStride, acc, aq + c);
            }
            for (; c + LENGTH <= width; c += LENGTH) {
                ValueTiles.oneByOne(p, pq, keys, values, vi + c, vStride, acc, aq + c);
            }
        }
        int whole = width & -LENGTH;
        if (whole < width) {
            int rest = width - whole;
            TAIL.accumulate(p, pi, pStride, queries, keys, values, vi + whole, vStride, rest, acc, ai + whole, aStride);
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
        for (int lane = 0; lane < GROUP; lane += LENGTH) {
            int k0 = first + lane;
            int k1 = second + lane;
            int query = 0;
            for (; query + 8 <= queries; query += 8) {
                int from = qi + query * qStride;
                ScoreTiles.eightByTwo(q, from, qStride, width, keys, k0, k1, out, oi + lane + query * oStride, oStride);
            }
            for (; query + 4 <= queries; query += 4) {
                int from = qi + query * qStride;
                ScoreTiles.fourByTwo(q, from, qStride, width, keys, k0, k1, out, oi + lane + query * oStride, oStride);
            }
            for (; query < queries; query++) {
                ScoreTiles.oneByTwo(q, qi + query * qStride, width, keys, k0, k1, out, oi + lane + query * oStride);
            }
        }
    }

    @Override
    public float max(float[] values, int from, int to) {
        FloatVector largest = FloatVector.broadcast(Lanes.FLOATS, Float.NEGATIVE_INFINITY);
        int i = from;
        for (; i + LENGTH <= to; i += LENGTH) {
            largest = largest.max(FloatVector.fromArray(Lanes.FLOATS, values, i));
        }
        float max = largest.reduceLanes(VectorOperators.MAX);
        for (; i < to; i++) {
            max = Math.max(max, values[i]);
        }
        return max;
    }

    @Override
    public float expSum(float[] values, int from, int to, float max) {
        FloatVector sums = FloatVector.zero(Lanes.FLOATS);
        int i = from;
        for (; i + LENGTH <= to; i += LENGTH) {
            FloatVector e = VectorMath.expOfNegative(
                    FloatVector.fromArray(Lanes.FLOATS, values, i).sub(max));
            e.intoArray(values, i);
            sums = sums.add(e);
        }
        float sum = sums.reduceLanes(VectorOperators.ADD);
        for (; i < to; i++) {
            values[i] = (float) Math.exp(values[i] - max);
            sum += values[i];
        }
        return sum;
    }

    @Override
    public void softCap(float[] values, int from, int to, float cap) {
        int i = from;
        for (; i + LENGTH <= to; i += LENGTH) {
            FloatVector x = FloatVector.fromArray(Lanes.FLOATS, values, i);
            VectorMath.tanh(x.mul(1f / cap)).mul(cap).intoArray(values, i);
        }
        for (; i < to; i++) {
            values[i] = (float) (cap * Math.tanh(values[i] / cap));
        }
    }

    @Override
    public void addRamp(float[] values, int from, int to, float start, float step) {
        for (int i = from; i < to; i++) { // the compiler vectorises it
            values[i] += start + (i - from) * step;
        }
    }

    @Override
    public void addTerms(float[] values, int from, int to, float[] terms, int ti) {
        int i = from;
        for (; i + LENGTH <= to; i += LENGTH) {
            FloatVector term = FloatVector.fromArray(Lanes.FLOATS, terms, ti + i - from);
            FloatVector.fromArray(Lanes.FLOATS, values, i).add(term).intoArray(values, i);
        }
        for (; i < to; i++) {
            values[i] += terms[ti + i - from];
        }
    }

    @Override
    public void multiply(float[] values, int vi, float[] factors, int fi, int n) {
        int whole = n & -LENGTH;
        for (int i = 0; i < whole; i += LENGTH) {
            FloatVector factor = FloatVector.fromArray(Lanes.FLOATS, factors, fi + i);
            FloatVector.fromArray(Lanes.FLOATS, values, vi + i).mul(factor).intoArray(values, vi + i);
        }
        if (whole < n) {
            TAIL.multiply(values, vi + whole, factors, fi + whole, n - whole);
        }
    }

    @Override
    public void load(Slab x, int xi, float factor, float[] z, int zi, int n) {
        Object xm = x.memory();
        int whole = n & -LENGTH;
        for (int i = 0; i < whole; i += LENGTH) {
            Lanes.load(xm, xi + i).mul(factor).intoArray(z, zi + i);
        }
        if (whole < n) {
            TAIL.load(x, xi + whole, factor, z, zi + whole, n - whole);
        }
    }

    @Override
    public void store(float[] x, int xi, float factor, Slab z, int zi, int n) {
        Object zm = z.memory();
        int whole = n & -LENGTH;
        for (int i = 0; i < whole; i += LENGTH) {
            Lanes.store(FloatVector.fromArray(Lanes.FLOATS, x, xi + i).mul(factor), zm, zi + i);
        }
        if (whole < n) {
            TAIL.store(x, xi + whole, factor, z, zi + whole, n - whole);
        }
    }
}
