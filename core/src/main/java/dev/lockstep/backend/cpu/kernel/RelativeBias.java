package dev.lockstep.backend.cpu.kernel;

/**
 * A learned term of attention scores that depends on the head and on the distance of key from query (T5, arXiv
 * 1910.10683), spread out by distance so that a run of keys reads a run of terms.
 */
public final class RelativeBias {

    private final int distances;
    private final int zero;
    private final float[] terms;

    /**
     * Spreads a table of buckets.
     *
     * @param table {@code [buckets, heads]} of the local heads, row-major
     * @param heads local heads
     * @param bucketOfDistance the bucket of each distance j - i of key j from query i, from the most negative one on;
     *     distances beyond either end take the end's bucket
     * @param zeroIndex the index of distance 0
     */
    public RelativeBias(float[] table, int heads, int[] bucketOfDistance, int zeroIndex) {
        if (zeroIndex < 0 || zeroIndex >= bucketOfDistance.length) {
            throw new IllegalArgumentException("distance 0 must be among the " + bucketOfDistance.length
                    + " given, found it at index " + zeroIndex);
        }
        this.distances = bucketOfDistance.length;
        this.zero = zeroIndex;
        this.terms = new float[heads * distances];
        for (int head = 0; head < heads; head++) {
            for (int d = 0; d < distances; d++) {
                terms[head * distances + d] = table[bucketOfDistance[d] * heads + head];
            }
        }
    }

    /** Adds the terms of query position i to scores[base + j] for the keys j in {@code [from, to)}. */
    void add(TileMath math, int head, int position, float[] scores, int base, int from, int to) {
        int first = head * distances;
        int low = clamp(position - zero, from, to); // keys below are beyond the most negative distance
        int high = clamp(position - zero + distances, low, to);
        math.addRamp(scores, base + from, base + low, terms[first], 0f);
        math.addTerms(scores, base + low, base + high, terms, first + low - position + zero);
        math.addRamp(scores, base + high, base + to, terms[first + distances - 1], 0f);
    }

    /** The term of one key. */
    public float of(int head, int position, int key) {
        return terms[head * distances + Math.max(0, Math.min(key - position + zero, distances - 1))];
    }

    private static int clamp(int value, int low, int high) {
        return Math.max(low, Math.min(high, value));
    }
}
