package dev.lockstep.backend.cpu.kernel;

import dev.lockstep.backend.cpu.memory.Form;
import dev.lockstep.backend.cpu.memory.Matrix;
import dev.lockstep.backend.cpu.memory.Slab;
import java.util.Arrays;

/**
 * One worker's buffers and state for up to {@link TileMath#QUERIES} queries that share a key-value head: scores over
 * all their keys, softmax, weighted values. Used as: {@link #clear}, {@link #addQuery} for each, {@link #begin},
 * {@link #score} for every group of keys in ascending order, {@link #softmax}, {@link #addValues} for every run of
 * keys, {@link #store}.
 */
final class AttentionTile {

    private static final int GROUP = TileMath.GROUP;
    private static final int QUERIES = TileMath.QUERIES;

    private final AttentionSpec spec;
    private final TileMath tile = TileMath.best();
    private final float[] queries;
    private final float[] sums;
    private final float[] norms = new float[QUERIES];
    private final int[] heads = new int[QUERIES];
    private final int[] rows = new int[QUERIES];
    private final int[] positions = new int[QUERIES];
    private final int[] firstKeys = new int[QUERIES];
    private final int[] endKeys = new int[QUERIES];
    private float[] scores = new float[QUERIES * 256];
    private int count;
    private int firstKey;
    private int endKey;
    private int base;
    private int stride;

    AttentionTile(AttentionSpec spec) {
        this.spec = spec;
        this.queries = new float[QUERIES * spec.queryWidth()];
        this.sums = new float[QUERIES * spec.valueWidth()];
    }

    void clear() {
        count = 0;
        firstKey = Integer.MAX_VALUE;
        endKey = 0;
    }

    boolean isFull() {
        return count == QUERIES;
    }

    /** Queries taken so far. */
    int queries() {
        return count;
    }

    /**
     * Takes the query of one row and local head, which stands at this position of a sequence of {@code keys} keys.
     *
     * @param hidden keys at the start of the sequence that it does not see
     */
    void addQuery(Matrix q, int row, int head, int position, int keys, int hidden) {
        int width = spec.queryWidth();
        tile.load(q.slab(), q.at(row, head * width), spec.scale(), queries, count * width, width);
        heads[count] = head;
        rows[count] = row;
        positions[count] = position;
        endKeys[count] = spec.endKey(position, keys);
        firstKeys[count] = Math.min(Math.max(hidden, spec.firstKey(position)), endKeys[count]);
        firstKey = Math.min(firstKey, firstKeys[count]);
        endKey = Math.max(endKey, endKeys[count]);
        count++;
    }

    /** The first key that any query of the tile sees. */
    int firstKey() {
        return firstKey;
    }

    /** One past the last key that any query of the tile sees. */
    int endKey() {
        return endKey;
    }

    /** Readies the buffers; groups of keys will start at or after {@code firstGroup}. */
    void begin(int firstGroup) {
        base = firstGroup / GROUP * GROUP; // a key's lane, and so the order of sums, depends on the key alone
        // Groups are scored in pairs, and may begin between multiples: the last ones reach behind the end.
        stride = (endKey - base + GROUP - 1) / GROUP * GROUP + 2 * GROUP;
        if (scores.length < stride * count) {
            scores = new float[Math.max(stride * count, scores.length * 2)];
        }
        Arrays.fill(sums, 0, count * spec.valueWidth(), 0f);
    }

    /** Scores the group of transposed keys whose first is {@code key}; may spill over into the keys that follow. */
    void score(Slab keys, int offset, int keyStride, Form form, int key) {
        int width = spec.queryWidth();
        tile.scores(queries, 0, width, count, width, keys, form, offset, keyStride, scores, key - base, stride);
    }

    /** Scores two groups of transposed keys in an array, the first of which begins at {@code key}. */
    void scorePair(float[] keys, int first, int second, int key) {
        int width = spec.queryWidth();
        tile.scoresOfTwo(queries, 0, width, count, width, keys, first, second, scores, key - base, stride);
    }

    /** The queries' numbers, scaled, those of the first one from 0 on. */
    float[] queryValues() {
        return queries;
    }

    /** Scores of the first query, those of keys from {@link #base} on. */
    float[] scores() {
        return scores;
    }

    /** The key of the first score. */
    int base() {
        return base;
    }

    /**
     * Turns the scores of each query into weights, zero for the keys it does not see.
     *
     * @param keyScales a factor of each key, for its scores; null for none
     * @param valueScales a factor of each key, for its weights; null for none
     * @param scalesFrom the key whose factors are the first ones, a multiple of {@link TileMath#GROUP}; factors reach to
     *     the end of the last key's group
     */
    void softmax(int sequence, float[] keyScales, float[] valueScales, int scalesFrom) {
        for (int query = 0; query < count; query++) {
            int at = query * stride - base;
            int from = firstKeys[query];
            int to = endKeys[query];
            if (from < to) {
                // Whole groups: loops of vectors without a rest.
                int first = from / GROUP * GROUP;
                int keys = (to + GROUP - 1) / GROUP * GROUP - first;
                if (keyScales != null) {
                    tile.multiply(scores, at + first, keyScales, first - scalesFrom, keys);
                }
                terms(sequence, query, at, from, to);
                hide(at + first, at + from, Float.NEGATIVE_INFINITY);
                hide(at + to, at + first + keys, Float.NEGATIVE_INFINITY);
                norms[query] = 1f / weigh(query, at + first, at + first + keys);
                if (valueScales != null) {
                    tile.multiply(scores, at + first, valueScales, first - scalesFrom, keys);
                }
            } else {
                norms[query] = 0f;
            }
            hide(at + firstKey, at + from, 0f);
            hide(at + to, at + endKey, 0f);
        }
    }

    /** Turns scores into what their softmax is proportional to, and returns the sum. */
    private float weigh(int query, int from, int to) {
        float max = tile.max(scores, from, to);
        if (spec.sinks() == null) {
            return tile.expSum(scores, from, to, max);
        }
        float sink = spec.sinks()[heads[query]];
        max = Math.max(max, sink);
        return tile.expSum(scores, from, to, max) + (float) Math.exp(sink - max);
    }

    private void hide(int from, int to, float value) {
        if (from < to) {
            Arrays.fill(scores, from, to, value);
        }
    }

    private void terms(int sequence, int query, int at, int from, int to) {
        int position = positions[query];
        if (spec.softCap() > 0) {
            tile.softCap(scores, at + from, at + to, spec.softCap());
        }
        if (spec.alibiSlopes() != null) {
            float slope = spec.alibiSlopes()[heads[query]];
            int turn = Math.max(from, Math.min(to, position));
            tile.addRamp(scores, at + from, at + turn, slope * (from - position), slope);
            tile.addRamp(scores, at + turn, at + to, slope * (position - turn), -slope);
        }
        if (spec.bias() != null) {
            spec.bias().add(tile, heads[query], position, scores, at, from, to);
        }
        if (spec.extra() != null) {
            spec.extra().add(sequence, heads[query], rows[query], position, scores, at, from, to);
        }
    }

    /** Adds the values of {@code keys} keys from {@code key} on; offset and stride in elements. */
    void addValues(Slab values, int offset, int valueStride, Form form, int key, int keys) {
        int width = spec.valueWidth();
        tile.accumulate(
                scores, key - base, stride, count, keys, values, form, offset, valueStride, width, sums, 0, width);
    }

    /** As above, of values in an array. */
    void addValues(float[] values, int offset, int valueStride, int key, int keys) {
        int width = spec.valueWidth();
        tile.accumulate(scores, key - base, stride, count, keys, values, offset, valueStride, width, sums, 0, width);
    }

    /** Clears the weights of keys beside those that some query sees, in the groups that {@link #addKeyValues} reads. */
    void clearSurroundings() {
        int end = (endKey - base + GROUP - 1) / GROUP * GROUP;
        for (int query = 0; query < count; query++) {
            Arrays.fill(scores, query * stride, query * stride + firstKey - base, 0f);
            Arrays.fill(scores, query * stride + endKey - base, query * stride + end, 0f);
        }
    }

    /**
     * Adds the values of groups of transposed keys, a value being the first features of its key.
     *
     * @param keys the slab of each group
     * @param offsets first element of each group in its slab
     * @param key of the first group
     */
    void addKeyValues(Slab[] keys, int[] offsets, int groups, Form form, int key) {
        int width = spec.valueWidth();
        tile.accumulateTransposed(
                scores, key - base, stride, count, keys, form, offsets, groups, width, sums, 0, width);
    }

    /** Writes the results, {@code [rows, heads * valueWidth]}. */
    void store(Matrix out) {
        int width = spec.valueWidth();
        for (int query = 0; query < count; query++) {
            tile.store(sums, query * width, norms[query], out.slab(), out.at(rows[query], heads[query] * width), width);
        }
    }
}
