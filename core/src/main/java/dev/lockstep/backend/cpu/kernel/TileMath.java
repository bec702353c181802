package dev.lockstep.backend.cpu.kernel;

import dev.lockstep.backend.cpu.memory.Form;
import dev.lockstep.backend.cpu.memory.Slab;
import dev.lockstep.backend.cpu.memory.VectorSupport;

/**
 * The inner products of attention (and of the Java GEMM) on small tiles. Keys come in groups of {@link #GROUP},
 * transposed: {@code [width][GROUP]}, so that a query's value is broadcast against the group and no sum over lanes is
 * needed. A query's result does not depend on the others of its tile: sums run over the width, then over the keys, in
 * order, whatever the tile.
 */
public interface TileMath {

    /** Keys of a transposed group. */
    int GROUP = 16;

    /** Most queries of a tile. */
    int QUERIES = 8;

    /** The implementation for this JVM: on the Vector API where it is there. */
    static TileMath best() {
        return Holder.BEST;
    }

    /**
     * Scores of up to {@link #QUERIES} queries against one group of keys.
     *
     * @param q queries, each {@code width} values, the first at {@code qi}, {@code qStride} apart
     * @param form how the keys are stored; integers are taken for what they are, without a scale
     * @param ki first element of the group
     * @param kStride elements from a group's numbers of one dimension to those of the next: {@link #GROUP}, more only
     *     for integers
     * @param out receives {@code GROUP} scores per query, the first query's at {@code oi}, {@code oStride} apart
     */
    void scores(
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
            int oStride);

    /**
     * Adds weighted values: for each query, acc[c] += sum over j of p[j] · values[j][c].
     *
     * @param p weights, {@code keys} per query, the first query's at {@code pi}, {@code pStride} apart
     * @param form how the values are stored: fp32, or integers, whose scale the weights hold
     * @param vi element of the first key's value; values of {@code width} elements are {@code vStride} apart
     * @param acc sums of {@code width} floats per query, the first at {@code ai}, {@code aStride} apart
     */
    void accumulate(
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
            int aStride);

    /**
     * Adds weighted values that are the first {@code width} features of transposed keys: acc[c] += sum over the groups
     * g and their keys j of p[g * GROUP + j] · keys[g][offsets[g] + c * GROUP + j]. The order of the sums, and so their bits,
     * do not depend on which slabs the groups lie in.
     *
     * @param p weights, {@code groups * GROUP} per query, the first query's at {@code pi}, {@code pStride} apart
     * @param keys the slab of each group
     * @param form fp32, or 16-bit integers, whose scale the weights hold
     * @param offsets first element of each group
     * @param acc sums of {@code width} floats per query, the first at {@code ai}, {@code aStride} apart
     */
    void accumulateTransposed(
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
            int aStride);

    /** As {@link #accumulate} for fp32 values in an array. */
    void accumulate(
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
            int aStride);

    /**
     * As {@link #scores} for two groups of fp32 keys in an array, whose scores follow each other.
     *
     * @param first first element of the first group
     * @param second and of the second
     */
    void scoresOfTwo(
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
            int oStride);

    /** The largest of the values from {@code from} to {@code to}. */
    float max(float[] values, int from, int to);

    /** Replaces values by exp(value - max) and returns their sum. */
    float expSum(float[] values, int from, int to, float max);

    /** values[i] = cap · tanh(values[i] / cap). */
    void softCap(float[] values, int from, int to, float cap);

    /** values[i] += start + (i - from) · step. */
    void addRamp(float[] values, int from, int to, float start, float step);

    /** values[i] += terms[ti + i - from]. */
    void addTerms(float[] values, int from, int to, float[] terms, int ti);

    /** values[vi + i] *= factors[fi + i] for {@code n} numbers. */
    void multiply(float[] values, int vi, float[] factors, int fi, int n);

    /** z[zi + i] = x[xi + i] · factor for {@code n} numbers; the slab's index in floats. */
    void load(Slab x, int xi, float factor, float[] z, int zi, int n);

    /** z[zi + i] = x[xi + i] · factor for {@code n} numbers; the slab's index in floats. */
    void store(float[] x, int xi, float factor, Slab z, int zi, int n);

    /** Chooses once; a holder, so that the interface itself does not load vector classes. */
    final class Holder {
        private static final TileMath BEST = VectorSupport.AVAILABLE ? new VectorTileMath() : new ScalarTileMath();

        private Holder() {}
    }
}
