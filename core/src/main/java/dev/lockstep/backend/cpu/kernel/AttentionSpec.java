package dev.lockstep.backend.cpu.kernel;

/**
 * The computation of an attention layer on this rank: which keys a query sees, and the terms of an attention score.
 * With query position i and key position j, score = softCap(scale · q·k) - slope · |i - j| + bias(j - i) + extra, over
 * the keys from i - {@code left} to i + {@code right}. In a paged cache as well as in rows, the last query of a
 * sequence is at the last key's position.
 *
 * @param kvHeadOf the local key-value head of each local query head; empty if this rank has none
 * @param queryWidth width of a query's and a key's head
 * @param valueWidth width of a value's head
 * @param scale factor of the product
 * @param left how many keys before its own position a query sees; {@link #ALL} for all
 * @param right how many keys after its own position a query sees; 0 for causal attention
 * @param alibiSlopes slope per local query head (ALiBi, arXiv 2108.12409), or null
 * @param bias term by distance, or null
 * @param softCap the cap in cap · tanh(s / cap), applied to the scaled product s; 0 for none
 * @param sinks a logit per local query head that only adds to the softmax's denominator, or null
 * @param extra a term of another kind, or null
 * @param chunk a query sees only keys of its own chunk of this many positions, counted from 0; 0 for no chunks
 * @param valuesInKeys whether a value is the first {@code valueWidth} features of its key (latent attention)
 */
public record AttentionSpec(
        int[] kvHeadOf,
        int queryWidth,
        int valueWidth,
        float scale,
        int left,
        int right,
        float[] alibiSlopes,
        RelativeBias bias,
        float softCap,
        float[] sinks,
        ScoreTerm extra,
        int chunk,
        boolean valuesInKeys) {

    /** No limit on that side. */
    public static final int ALL = Integer.MAX_VALUE;

    /** A term that the kernel does not know: called by worker threads, for one query row at a time. */
    @FunctionalInterface
    public interface ScoreTerm {

        /**
         * Adds to scores[base + j] for the keys j in {@code [from, to)}; negative infinity hides a key.
         *
         * @param sequence index in the step
         * @param head local query head
         * @param row query row of the step, over all sequences
         * @param position the query's position in its sequence
         */
        void add(int sequence, int head, int row, int position, float[] scores, int base, int from, int to);
    }

    public AttentionSpec {
        if (queryWidth < 1 || valueWidth < 1 || left < 0 || right < 0) {
            throw new IllegalArgumentException("attention needs positive widths and windows, found queryWidth="
                    + queryWidth + " valueWidth=" + valueWidth + " left=" + left + " right=" + right);
        }
    }

    /** Causal attention: a query sees its own position and all before. */
    public static AttentionSpec causal(int[] kvHeadOf, int queryWidth, int valueWidth, float scale) {
        return new AttentionSpec(kvHeadOf, queryWidth, valueWidth, scale, ALL, 0, null, null, 0f, null, null, 0, false);
    }

    /** Attention over all keys: encoders, and cross-attention. */
    public static AttentionSpec allKeys(int[] kvHeadOf, int queryWidth, int valueWidth, float scale) {
        return new AttentionSpec(
                kvHeadOf, queryWidth, valueWidth, scale, ALL, ALL, null, null, 0f, null, null, 0, false);
    }

    /** The same with a window: for a causal window of w keys, {@code window(w - 1, 0)}. */
    public AttentionSpec window(int keysBefore, int keysAfter) {
        return new AttentionSpec(
                kvHeadOf,
                queryWidth,
                valueWidth,
                scale,
                keysBefore,
                keysAfter,
                alibiSlopes,
                bias,
                softCap,
                sinks,
                extra,
                chunk,
                valuesInKeys);
    }

    /** The same within chunks of this many positions. */
    public AttentionSpec chunked(int keys) {
        return new AttentionSpec(
                kvHeadOf,
                queryWidth,
                valueWidth,
                scale,
                left,
                right,
                alibiSlopes,
                bias,
                softCap,
                sinks,
                extra,
                keys,
                valuesInKeys);
    }

    /** The same with ALiBi slopes. */
    public AttentionSpec alibi(float[] slopes) {
        return new AttentionSpec(
                kvHeadOf,
                queryWidth,
                valueWidth,
                scale,
                left,
                right,
                slopes,
                bias,
                softCap,
                sinks,
                extra,
                chunk,
                valuesInKeys);
    }

    /** The same with a relative bias. */
    public AttentionSpec bias(RelativeBias relative) {
        return new AttentionSpec(
                kvHeadOf,
                queryWidth,
                valueWidth,
                scale,
                left,
                right,
                alibiSlopes,
                relative,
                softCap,
                sinks,
                extra,
                chunk,
                valuesInKeys);
    }

    /** The same with a soft cap. */
    public AttentionSpec softCap(float cap) {
        return new AttentionSpec(
                kvHeadOf,
                queryWidth,
                valueWidth,
                scale,
                left,
                right,
                alibiSlopes,
                bias,
                cap,
                sinks,
                extra,
                chunk,
                valuesInKeys);
    }

    /** The same with sinks. */
    public AttentionSpec sinks(float[] logits) {
        return new AttentionSpec(
                kvHeadOf,
                queryWidth,
                valueWidth,
                scale,
                left,
                right,
                alibiSlopes,
                bias,
                softCap,
                logits,
                extra,
                chunk,
                valuesInKeys);
    }

    /** The same with a term of another kind. */
    public AttentionSpec extra(ScoreTerm term) {
        return new AttentionSpec(
                kvHeadOf,
                queryWidth,
                valueWidth,
                scale,
                left,
                right,
                alibiSlopes,
                bias,
                softCap,
                sinks,
                term,
                chunk,
                valuesInKeys);
    }

    /** The same with values that are the first features of the keys. */
    public AttentionSpec withValuesInKeys() {
        return new AttentionSpec(
                kvHeadOf,
                queryWidth,
                valueWidth,
                scale,
                left,
                right,
                alibiSlopes,
                bias,
                softCap,
                sinks,
                extra,
                chunk,
                true);
    }

    /** Local query heads. */
    public int heads() {
        return kvHeadOf.length;
    }

    /** The local query heads of each key-value head. */
    int[][] headsOfKv(int kvHeads) {
        int[] counts = new int[kvHeads];
        for (int kv : kvHeadOf) {
            counts[kv]++;
        }
        int[][] heads = new int[kvHeads][];
        for (int kv = 0; kv < kvHeads; kv++) {
            heads[kv] = new int[counts[kv]];
        }
        for (int head = kvHeadOf.length - 1; head >= 0; head--) {
            heads[kvHeadOf[head]][--counts[kvHeadOf[head]]] = head;
        }
        return heads;
    }

    /** The most query heads that share a key-value head; 1 if there are none. */
    static int mostHeads(int[][] headsOfKv) {
        int most = 1;
        for (int[] heads : headsOfKv) {
            most = Math.max(most, heads.length);
        }
        return most;
    }

    /** The first key that a query at this position sees. */
    int firstKey(int position) {
        int ofWindow = left == ALL ? 0 : Math.max(0, position - left);
        return chunk == 0 ? ofWindow : Math.max(ofWindow, position / chunk * chunk);
    }

    /** One past the last key that a query at this position sees, of {@code keys}. */
    int endKey(int position, int keys) {
        return right == ALL ? keys : Math.min(keys, position + right + 1);
    }
}
