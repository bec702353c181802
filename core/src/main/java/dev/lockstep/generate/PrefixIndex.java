package dev.lockstep.generate;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Maps prefixes to the blocks of the pool that hold their keys, so that another text with the same prefix need not
 * compute them again. A prefix is known as long as a block holds it, a longer prefix is known, or a sequence refers to
 * it. Each group of caches holds a prefix in one block at most. In the models for which this is used, keys of a block
 * depend on all tokens up to its end and on nothing else: see {@link Batching}.
 */
final class PrefixIndex {
    private final int blockSize;
    private final int groups;
    private final Prefix empty = Prefix.empty();
    private final Map<Prefix, Prefix> known = new HashMap<>();
    /** What each block of the pool holds, and for which group; null where it is nothing that is known. */
    private final Prefix[] held;

    private final int[] heldFor;

    /**
     * @param blocks blocks of the pool
     * @param blockSize positions a block holds
     * @param groups groups of caches
     */
    PrefixIndex(int blocks, int blockSize, int groups) {
        this.blockSize = blockSize;
        this.groups = groups;
        this.held = new Prefix[blocks];
        this.heldFor = new int[blocks];
        empty.use();
    }

    Prefix empty() {
        return empty;
    }

    /** The known prefix that continues another by the block of tokens from {@code first} on; null where there is none. */
    Prefix find(Prefix before, int[] tokens, int first) {
        return known.get(continued(before, tokens, first));
    }

    /**
     * Moves a sequence from its current prefix to the next, by the block of tokens from {@code first} on, and returns
     * that.
     */
    Prefix advance(Prefix from, int[] tokens, int first) {
        Prefix wanted = continued(from, tokens, first);
        Prefix next = known.putIfAbsent(wanted, wanted);
        if (next == null) {
            next = wanted;
            from.use();
        }
        next.use();
        leave(from);
        return next;
    }

    private Prefix continued(Prefix before, int[] tokens, int first) {
        return Prefix.after(before, Arrays.copyOfRange(tokens, first, first + blockSize), groups);
    }

    /** Notes that a sequence refers to this prefix. */
    Prefix enter(Prefix prefix) {
        prefix.use();
        return prefix;
    }

    /** Notes that a sequence does not refer to this prefix any more. */
    void leave(Prefix prefix) {
        Prefix unused = prefix;
        while (unused.unuse()) {
            known.remove(unused);
            unused = unused.before();
        }
    }

    /** Notes that the block holds the prefix's last keys of this group, unless another block does. */
    void hold(Prefix prefix, int group, int block) {
        if (prefix.isHeld(group)) {
            return;
        }
        if (held[block] != null) {
            throw new IllegalStateException("block " + block + " holds another prefix already");
        }
        prefix.hold(group, block);
        prefix.use();
        held[block] = prefix;
        heldFor[block] = group;
    }

    boolean isHeld(int block) {
        return held[block] != null;
    }

    /** Notes that the block's content is about to be overwritten. */
    void drop(int block) {
        Prefix prefix = held[block];
        held[block] = null;
        prefix.drop(heldFor[block]);
        leave(prefix);
    }

    /** Prefixes known, the empty one not counted. */
    int size() {
        return known.size();
    }
}
