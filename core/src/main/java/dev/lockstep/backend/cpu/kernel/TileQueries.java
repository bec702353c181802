package dev.lockstep.backend.cpu.kernel;

import java.util.Arrays;

/** The queries of a tile that share a key-value head: which keys each sees, and how its scores become weights. */
final class TileQueries {

    private static final int GROUP = TileMath.GROUP;

    private final AttentionSpec spec;
    private final TileMath math = TileMath.best();
    private final int[] heads;
    private final int[] rows;
    private final int[] positions;
    private final int[] firstKeys;
    private final int[] endKeys;
    private int count;
    private int firstKey;
    private int endKey;

    /** @param most queries at most */
    TileQueries(AttentionSpec spec, int most) {
        this.spec = spec;
        this.heads = new int[most];
        this.rows = new int[most];
        this.positions = new int[most];
        this.firstKeys = new int[most];
        this.endKeys = new int[most];
    }

    void clear() {
        count = 0;
        firstKey = Integer.MAX_VALUE;
        endKey = 0;
    }

    int count() {
        return count;
    }

    /**
     * Takes the query of one row and local head, which stands at this position of a sequence of {@code keys} keys.
     *
     * @param hidden keys at the start of the sequence that it does not see
     */
    void add(int row, int head, int position, int keys, int hidden) {
        heads[count] = head;
        rows[count] = row;
        positions[count] = position;
        endKeys[count] = spec.endKey(position, keys);
        firstKeys[count] = Math.min(Math.max(hidden, spec.firstKey(position)), endKeys[count]);
        firstKey = Math.min(firstKey, firstKeys[count]);
        endKey = Math.max(endKey, endKeys[count]);
        count++;
    }

    int row(int query) {
        return rows[query];
    }

    int head(int query) {
        return heads[query];
    }

    /** The first key that any query sees. */
    int firstKey() {
        return firstKey;
    }

    /** One past the last key that any query sees. */
    int endKey() {
        return endKey;
    }

    /**
     * Turns a query's scores into weights, zero for the keys from {@code first} to {@code end} that it does not see. Scores
     * of whole groups of keys around those it sees are overwritten.
     *
     * @param scores that of key j at {@code at + j}
     * @param keyScales a factor of each key, for its scores; null for none
     * @param valueScales a factor of each key, for its weights; null for none
     * @param scalesFrom the key whose factors are the first ones, a multiple of {@link TileMath#GROUP}; factors reach to
     *     the end of the last key's group
     * @return what the sum of weights times values is to be multiplied by
     */
    float weigh(
            int sequence,
            int query,
            float[] scores,
            int at,
            int first,
            int end,
            float[] keyScales,
            float[] valueScales,
            int scalesFrom) {
        int from = firstKeys[query];
        int to = endKeys[query];
        float norm = 0;
        if (from < to) {
            // Whole groups: loops of vectors without a rest.
            int group = from / GROUP * GROUP;
            int keys = (to + GROUP - 1) / GROUP * GROUP - group;
            if (keyScales != null) {
                math.multiply(scores, at + group, keyScales, group - scalesFrom, keys);
            }
            terms(sequence, query, scores, at, from, to);
            fill(scores, at + group, at + from, Float.NEGATIVE_INFINITY);
            fill(scores, at + to, at + group + keys, Float.NEGATIVE_INFINITY);
            norm = 1f / exponentiate(query, scores, at + group, at + group + keys);
            if (valueScales != null) {
                math.multiply(scores, at + group, valueScales, group - scalesFrom, keys);
            }
        }
        fill(scores, at + first, at + from, 0f);
        fill(scores, at + to, at + end, 0f);
        return norm;
    }

    private void terms(int sequence, int query, float[] scores, int at, int from, int to) {
        int position = positions[query];
        if (spec.softCap() > 0) {
            math.softCap(scores, at + from, at + to, spec.softCap());
        }
        if (spec.alibiSlopes() != null) {
            float slope = spec.alibiSlopes()[heads[query]];
            int turn = Math.max(from, Math.min(to, position));
            math.addRamp(scores, at + from, at + turn, slope * (from - position), slope);
            math.addRamp(scores, at + turn, at + to, slope * (position - turn), -slope);
        }
        if (spec.bias() != null) {
            spec.bias().add(math, heads[query], position, scores, at, from, to);
        }
        if (spec.extra() != null) {
            spec.extra().add(sequence, heads[query], rows[query], position, scores, at, from, to);
        }
    }

    /** Turns scores into what their softmax is proportional to, and returns the sum. */
    private float exponentiate(int query, float[] scores, int from, int to) {
        float max = math.max(scores, from, to);
        if (spec.sinks() == null) {
            return math.expSum(scores, from, to, max);
        }
        float sink = spec.sinks()[heads[query]];
        max = Math.max(max, sink);
        return math.expSum(scores, from, to, max) + (float) Math.exp(sink - max);
    }

    private static void fill(float[] scores, int from, int to, float value) {
        if (from < to) {
            Arrays.fill(scores, from, to, value);
        }
    }
}
