package dev.lockstep.backend;

import java.util.Arrays;

/**
 * Changes to the logits of a step's output rows, made before tokens are selected: sparse lists of tokens (biases,
 * penalties, bans) and masks over the vocabulary. Every rank applies them to its part of the vocabulary, so candidates,
 * probability mass and draws are those of the changed logits.
 *
 * <p>An entry of a list turns its token's logit {@code x} into {@code y = x + bias}, then {@code y / penalty} if
 * {@code y} is above 0 and {@code y * penalty} otherwise, then subtracts {@code offset}. Entries apply in order; a
 * token may have several. A bias of negative infinity bans the token. After the list, tokens whose mask bit is 0 get
 * negative infinity.
 */
public final class LogitRules {
    /** The value of {@link #maskOf} for a row that allows every token. */
    public static final int NO_MASK = -1;

    /** Per output row: its entries are {@code [from, to)}. */
    public final int[] from;

    public final int[] to;
    /** Per output row: the index of its mask, or {@link #NO_MASK}. */
    public final int[] maskOf;
    /** Entries of all rows: the valid length of the four arrays that follow. */
    public int entries;

    public int[] tokens = new int[8];
    public float[] bias = new float[8];
    /** Above 0; 1 for no penalty. */
    public float[] penalty = new float[8];

    public float[] offset = new float[8];
    /** Masks of the step; several rows may share one. */
    public int masks;
    /** Ints of one mask. It has one bit per token: token {@code t} is bit {@code t % 32} of int {@code t / 32}. */
    public int maskWords;

    /** The masks, one after another. */
    public int[] maskBits = new int[0];

    /** The arrays last passed to {@link #mask}, to recognise a mask that several rows share. */
    private int[][] given = new int[4][];

    LogitRules(int maxOutputRows) {
        this.from = new int[maxOutputRows];
        this.to = new int[maxOutputRows];
        this.maskOf = new int[maxOutputRows];
        Arrays.fill(maskOf, NO_MASK);
    }

    void clear() {
        entries = 0;
        masks = 0;
        maskWords = 0;
    }

    /** Starts a row's rules, with none. All rules of a row must be added before the next row starts. */
    public void begin(int row) {
        from[row] = entries;
        to[row] = entries;
        maskOf[row] = NO_MASK;
    }

    /** Adds an entry to the row started last. */
    public void add(int row, int token, float tokenBias, float tokenPenalty, float tokenOffset) {
        ensureEntries(entries + 1);
        tokens[entries] = token;
        bias[entries] = tokenBias;
        penalty[entries] = tokenPenalty;
        offset[entries++] = tokenOffset;
        to[row] = entries;
    }

    /** Bans a token in the row started last. */
    public void ban(int row, int token) {
        add(row, token, Float.NEGATIVE_INFINITY, 1, 0);
    }

    /**
     * Gives a row its mask.
     *
     * @param allowed one bit per token of the vocabulary; must not change while the step is filled. All masks of a step
     *     have the same length
     */
    public void mask(int row, int[] allowed) {
        for (int mask = 0; mask < masks; mask++) {
            if (given[mask] == allowed) {
                maskOf[row] = mask;
                return;
            }
        }
        if (masks > 0 && allowed.length != maskWords) {
            throw new IllegalArgumentException(
                    "a mask of " + allowed.length + " ints is beside masks of " + maskWords + " ints");
        }
        maskWords = allowed.length;
        ensureMasks((masks + 1) * maskWords);
        System.arraycopy(allowed, 0, maskBits, masks * maskWords, maskWords);
        if (masks == given.length) {
            given = Arrays.copyOf(given, 2 * masks);
        }
        given[masks] = allowed;
        maskOf[row] = masks++;
    }

    /** Whether any row has a rule. */
    public boolean any() {
        return entries > 0 || masks > 0;
    }

    private void ensureEntries(int count) {
        if (tokens.length < count) {
            int length = Math.max(count, 2 * tokens.length);
            tokens = Arrays.copyOf(tokens, length);
            bias = Arrays.copyOf(bias, length);
            penalty = Arrays.copyOf(penalty, length);
            offset = Arrays.copyOf(offset, length);
        }
    }

    private void ensureMasks(int ints) {
        if (maskBits.length < ints) {
            maskBits = Arrays.copyOf(maskBits, Math.max(ints, 2 * maskBits.length));
        }
    }

    // ---------------------------------------------------------------- as part of a message

    /** Ints that the rules of this many rows take in a message. */
    static long size(int rows, int entries, int masks, int maskWords) {
        return 3L * rows + 4L * entries + (long) masks * maskWords;
    }

    int put(int rows, int[] m, int start) {
        int at = StepMessage.put(from, rows, m, start);
        at = StepMessage.put(to, rows, m, at);
        at = StepMessage.put(maskOf, rows, m, at);
        at = StepMessage.put(tokens, entries, m, at);
        for (int i = 0; i < entries; i++) {
            m[at++] = Float.floatToRawIntBits(bias[i]);
            m[at++] = Float.floatToRawIntBits(penalty[i]);
            m[at++] = Float.floatToRawIntBits(offset[i]);
        }
        return StepMessage.put(maskBits, masks * maskWords, m, at);
    }

    int take(int rows, int[] m, int start) {
        ensureEntries(entries);
        ensureMasks(masks * maskWords);
        int at = StepMessage.take(m, start, from, rows);
        at = StepMessage.take(m, at, to, rows);
        at = StepMessage.take(m, at, maskOf, rows);
        at = StepMessage.take(m, at, tokens, entries);
        for (int i = 0; i < entries; i++) {
            bias[i] = Float.intBitsToFloat(m[at++]);
            penalty[i] = Float.intBitsToFloat(m[at++]);
            offset[i] = Float.intBitsToFloat(m[at++]);
        }
        return StepMessage.take(m, at, maskBits, masks * maskWords);
    }

    int mix(int rows, int hash) {
        int h = StepMessage.mix(hash, from, rows);
        h = StepMessage.mix(h, to, rows);
        h = StepMessage.mix(h, maskOf, rows);
        h = StepMessage.mix(h, tokens, entries);
        for (int i = 0; i < entries; i++) {
            h = StepMessage.mix(h, Float.floatToRawIntBits(bias[i]));
            h = StepMessage.mix(h, Float.floatToRawIntBits(penalty[i]));
            h = StepMessage.mix(h, Float.floatToRawIntBits(offset[i]));
        }
        h = StepMessage.mix(StepMessage.mix(h, masks), maskWords);
        return StepMessage.mix(h, maskBits, masks * maskWords);
    }
}
