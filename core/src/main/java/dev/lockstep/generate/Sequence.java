package dev.lockstep.generate;

import java.util.Arrays;

/**
 * The tokens of one cached sequence: a row's, or one beam's. The first {@code computed} tokens are in the cache, the
 * others are pending: a prompt not yet run, tokens to be run again after pre-emption, or the last one generated.
 */
final class Sequence {
    final BlockTable table = new BlockTable();
    private final int promptLength;
    private int[] tokens;
    private int length;
    private int computed;

    Sequence(int[] start) {
        this.promptLength = start.length;
        this.tokens = Arrays.copyOf(start, start.length + 8);
        this.length = start.length;
    }

    int length() {
        return length;
    }

    /** The tokens it started from. */
    int promptLength() {
        return promptLength;
    }

    /** The first position that a row at this one sees where {@code hiding} hides itself and all before it. */
    int firstVisible(int position, int hiding) {
        int first = position;
        while (first > 0 && tokens[first - 1] != hiding) {
            first--;
        }
        return first;
    }

    int computed() {
        return computed;
    }

    int pending() {
        return length - computed;
    }

    void append(int token) {
        if (length == tokens.length) {
            tokens = Arrays.copyOf(tokens, length * 2);
        }
        tokens[length++] = token;
    }

    /** Notes that the next {@code count} pending tokens are in the cache now. */
    void computed(int count) {
        computed += count;
    }

    /** The tokens from {@code first} on. */
    int[] from(int first) {
        return Arrays.copyOfRange(tokens, first, length);
    }

    void copyTo(int first, int count, int[] target, int at) {
        System.arraycopy(tokens, first, target, at, count);
    }

    /** Gives up the cache and all tokens but the first {@code kept}, which are pending again. */
    void rewind(int kept, BlockManager blocks) {
        blocks.free(table);
        length = kept;
        computed = 0;
    }

    /** Becomes a copy of the other that shares its cache. */
    void fork(Sequence parent, BlockManager blocks) {
        blocks.free(table);
        blocks.fork(parent.table, table);
        if (tokens.length < parent.length) {
            tokens = new int[parent.tokens.length];
        }
        System.arraycopy(parent.tokens, 0, tokens, 0, parent.length);
        length = parent.length;
        computed = parent.computed;
    }
}
