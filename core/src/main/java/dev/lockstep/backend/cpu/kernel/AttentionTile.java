package dev.lockstep.backend.cpu.kernel;

import dev.lockstep.backend.cpu.memory.Form;
import dev.lockstep.backend.cpu.memory.Matrix;
import dev.lockstep.backend.cpu.memory.Slab;
import java.util.Arrays;

/**
 * One worker's buffers and state for up to {@link TileMath#QUERIES} queries that share a key-value head: attention
 * scores over all their keys, softmax, weighted sums of values. Usage: {@link #clear}, {@link #addQuery} for each,
 * {@link #begin}, {@link #score} for every group of keys in ascending order, {@link #softmax}, {@link #addValues} for
 * every run of keys, {@link #store}.
 */
final class AttentionTile {

    private static final int GROUP = TileMath.GROUP;
    private static final int QUERIES = TileMath.QUERIES;

    private final AttentionSpec spec;
    private final TileMath tile = TileMath.best();
    private final TileQueries members;
    private final float[] queries;
    private final float[] sums;
    private final float[] norms = new float[QUERIES];
    private float[] scores = new float[QUERIES * 256];
    private int base;
    private int stride;

    AttentionTile(AttentionSpec spec) {
        this.spec = spec;
        this.members = new TileQueries(spec, QUERIES);
        this.queries = new float[QUERIES * spec.queryWidth()];
        this.sums = new float[QUERIES * spec.valueWidth()];
    }

    void clear() {
        members.clear();
    }

    boolean isFull() {
        return members.count() == QUERIES;
    }

    /** The number of queries added so far. */
    int queries() {
        return members.count();
    }

    /** As {@link TileQueries#add}, with the query from this matrix. */
    void addQuery(Matrix q, int row, int head, int position, int keys, int hidden) {
        int width = spec.queryWidth();
        tile.load(q.slab(), q.at(row, head * width), spec.scale(), queries, members.count() * width, width);
        members.add(row, head, position, keys, hidden);
    }

    /** The first key that any query of the tile sees. */
    int firstKey() {
        return members.firstKey();
    }

    /** One past the last key that any query of the tile sees. */
    int endKey() {
        return members.endKey();
    }

    /** Prepares the buffers; groups of keys will start at or after {@code firstGroup}. */
    void begin(int firstGroup) {
        int count = members.count();
        base = firstGroup / GROUP * GROUP; // a key's lane, and with it the order of sums, depends on the key only
        // Groups are scored in pairs that need not start at a multiple, so the last ones extend beyond the end.
        stride = (endKey() - base + GROUP - 1) / GROUP * GROUP + 2 * GROUP;
        if (scores.length < stride * count) {
            scores = new float[Math.max(stride * count, scores.length * 2)];
        }
        Arrays.fill(sums, 0, count * spec.valueWidth(), 0f);
    }

    /**
     * Scores the group of transposed keys that starts at {@code key}; may also overwrite scores of the keys after it.
     */
    void score(Slab keys, int offset, int keyStride, Form form, int key) {
        int width = spec.queryWidth();
        tile.scores(queries, 0, width, queries(), width, keys, form, offset, keyStride, scores, key - base, stride);
    }

    /** Scores two groups of transposed keys in an array, the first of which begins at {@code key}. */
    void scorePair(float[] keys, int first, int second, int key) {
        int width = spec.queryWidth();
        tile.scoresOfTwo(queries, 0, width, queries(), width, keys, first, second, scores, key - base, stride);
    }

    /** The scaled queries; the first one starts at 0. */
    float[] queryValues() {
        return queries;
    }

    /** Scores of the first query, those of keys from {@link #base} on. */
    float[] scores() {
        return scores;
    }

    /** Weighted sums of values of the first query, from 0 on. */
    float[] sums() {
        return sums;
    }

    /** The key of the first score. */
    int base() {
        return base;
    }

    /** Turns the scores of each query into weights: {@link TileQueries#weigh}. */
    void softmax(int sequence, float[] keyScales, float[] valueScales, int scalesFrom) {
        int first = firstKey();
        int end = endKey();
        for (int query = 0; query < queries(); query++) {
            int at = query * stride - base;
            norms[query] = members.weigh(sequence, query, scores, at, first, end, keyScales, valueScales, scalesFrom);
        }
    }

    /** Adds the values of {@code keys} keys from {@code key} on; offset and stride in elements. */
    void addValues(Slab values, int offset, int valueStride, Form form, int key, int keys) {
        int width = spec.valueWidth();
        tile.accumulate(
                scores, key - base, stride, queries(), keys, values, form, offset, valueStride, width, sums, 0, width);
    }

    /** As above, of values in an array. */
    void addValues(float[] values, int offset, int valueStride, int key, int keys) {
        int width = spec.valueWidth();
        tile.accumulate(
                scores, key - base, stride, queries(), keys, values, offset, valueStride, width, sums, 0, width);
    }

    /** Clears the weights of keys that no query sees, in the groups that {@link #addKeyValues} reads. */
    void clearSurroundings() {
        int end = (endKey() - base + GROUP - 1) / GROUP * GROUP;
        for (int query = 0; query < queries(); query++) {
            Arrays.fill(scores, query * stride, query * stride + firstKey() - base, 0f);
            Arrays.fill(scores, query * stride + endKey() - base, query * stride + end, 0f);
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
                scores, key - base, stride, queries(), keys, form, offsets, groups, width, sums, 0, width);
    }

    /** Writes the results, {@code [rows, heads * valueWidth]}. */
    void store(Matrix out) {
        int width = spec.valueWidth();
        for (int query = 0; query < queries(); query++) {
            int to = out.at(members.row(query), members.head(query) * width);
            tile.store(sums, query * width, norms[query], out.slab(), to, width);
        }
    }
}
