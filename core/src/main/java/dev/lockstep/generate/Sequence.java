package dev.lockstep.generate;

import dev.lockstep.graph.Reach;
import java.util.Arrays;
import java.util.List;

/**
 * The tokens of one cached sequence: a row's, or one beam's. The first {@code computed} tokens are in the cache, the
 * others are pending: a prompt not yet run, tokens to be run again after pre-emption, or the last one generated.
 */
final class Sequence {
    final SequenceCache cache;
    private final int promptLength;
    private int[] tokens;
    private int length;
    private int computed;

    /** @param groups what each group of the caches keeps */
    Sequence(int[] start, List<Reach> groups) {
        this(start, groups, 8);
    }

    /** @param room tokens that will likely follow: as many need no more memory later */
    Sequence(int[] start, List<Reach> groups, int room) {
        this.cache = new SequenceCache(groups);
        this.promptLength = start.length;
        this.tokens = Arrays.copyOf(start, start.length + room);
        this.length = start.length;
    }

    int length() {
        return length;
    }

    int token(int index) {
        return tokens[index];
    }

    /** The tokens it started from. */
    int promptLength() {
        return promptLength;
    }

    /**
     * For rows at {@code count} positions from this one on, the first position that each attends to, where {@code
     * hiding} hides itself and all positions before it.
     */
    void firstVisible(int position, int count, int hiding, int[] target, int at) {
        int first = position;
        while (first > 0 && tokens[first - 1] != hiding) {
            first--;
        }
        for (int i = 0; i < count; i++) {
            boolean hidden = i > 0 && tokens[position + i - 1] == hiding;
            first = hidden ? position + i : first;
            target[at + i] = first;
        }
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

    /** The longest beginning of its tokens that the pool holds. */
    Prefix longestKnown(PrefixSearch search) {
        return search.longest(tokens, length);
    }

    /** A hash of its first {@code count} tokens; 0 where it has no more than these. */
    int beginning(int count) {
        if (length <= count) {
            return 0;
        }
        int hash = 1;
        for (int i = 0; i < count; i++) {
            hash = 31 * hash + tokens[i];
        }
        return hash;
    }

    /** How many of its first tokens are also the other's. */
    int commonTokens(Sequence other) {
        int common = Arrays.mismatch(tokens, 0, length, other.tokens, 0, other.length);
        return common < 0 ? length : common;
    }

    /**
     * Takes the blocks to run all its tokens except those of {@code shared}, which then count as computed.
     *
     * @param shared null for nothing
     * @param most tokens that one step runs at most
     */
    void start(Prefix shared, int most, BlockManager blocks) {
        cache.start(shared, length, most, blocks);
        computed = shared == null ? 0 : shared.depth() * blocks.blockSize();
    }

    /**
     * Notes that the next {@code count} pending tokens are in the cache now, and returns the blocks that are not
     * attended to any more.
     *
     * @param most pending tokens that one step runs at most
     */
    void computed(int count, int most, BlockManager blocks) {
        computed += count;
        cache.makeKnown(tokens, computed, blocks);
        cache.forget(computed, length, most, blocks);
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
        cache.free(blocks);
        length = kept;
        computed = 0;
    }

    /** Becomes a copy of the other that shares its cache. */
    void fork(Sequence parent, BlockManager blocks) {
        cache.free(blocks);
        cache.fork(parent.cache, blocks);
        if (tokens.length < parent.length) {
            tokens = new int[parent.tokens.length];
        }
        System.arraycopy(parent.tokens, 0, tokens, 0, parent.length);
        length = parent.length;
        computed = parent.computed;
    }
}
