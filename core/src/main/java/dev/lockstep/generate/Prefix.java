package dev.lockstep.generate;

import java.util.Arrays;

/**
 * A prefix of a text, in whole cache blocks: the tokens of its last block and the prefix before that. Two prefixes are
 * equal when all their tokens are equal, compared one by one and not by a hash: a text crafted to collide with another
 * must not read its keys. Owned by a {@link PrefixIndex}.
 */
final class Prefix {
    private static final int NONE = -1;

    private final Prefix before;
    private final int[] tokens;
    private final int hash;
    private final int depth;
    private final int[] blocks;
    /** Blocks that hold it, prefixes that continue it, and sequences that refer to it. */
    private int uses;

    private Prefix(Prefix before, int[] tokens, int groups) {
        this.before = before;
        this.tokens = tokens;
        this.hash = before == null ? 1 : 31 * before.hash + Arrays.hashCode(tokens);
        this.depth = before == null ? 0 : before.depth + 1;
        this.blocks = new int[groups];
        Arrays.fill(blocks, NONE);
    }

    /** The prefix without tokens. */
    static Prefix empty() {
        return new Prefix(null, new int[0], 0);
    }

    /** The prefix that continues another by a block of tokens. */
    static Prefix after(Prefix before, int[] tokens, int groups) {
        return new Prefix(before, tokens, groups);
    }

    /** The prefix one block shorter; null for the empty one. */
    Prefix before() {
        return before;
    }

    /** Blocks of each group that hold a text this long. */
    int depth() {
        return depth;
    }

    /** Whether some block holds the keys of its last tokens in this group of caches. */
    boolean isHeld(int group) {
        return blocks[group] != NONE;
    }

    /** The block that holds the keys of its last tokens in this group of caches. */
    int block(int group) {
        if (blocks[group] == NONE) {
            throw new IllegalStateException("group " + group + " does not hold block " + (depth - 1) + " of a prefix");
        }
        return blocks[group];
    }

    void hold(int group, int block) {
        blocks[group] = block;
    }

    void drop(int group) {
        blocks[group] = NONE;
    }

    void use() {
        uses++;
    }

    /** True when that was its last use. */
    boolean unuse() {
        if (uses < 1) {
            throw new IllegalStateException("a prefix of " + depth + " blocks is given up twice");
        }
        return --uses == 0;
    }

    @Override
    public boolean equals(Object other) {
        // Prefixes in an index are unique, so what comes before is the same object or differs.
        return other instanceof Prefix prefix && before == prefix.before && Arrays.equals(tokens, prefix.tokens);
    }

    @Override
    public int hashCode() {
        return hash;
    }
}
