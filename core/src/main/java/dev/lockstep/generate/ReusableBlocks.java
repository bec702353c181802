package dev.lockstep.generate;

import java.util.Arrays;

/** Blocks that no table holds and whose content may be asked for again, in the order in which they were given back. */
final class ReusableBlocks {
    private static final int ABSENT = -2;
    private static final int END = -1;

    private final int[] before;
    private final int[] after;
    private int oldest = END;
    private int newest = END;
    private int size;

    /** @param blocks blocks of the pool */
    ReusableBlocks(int blocks) {
        this.before = new int[blocks];
        this.after = new int[blocks];
        Arrays.fill(before, ABSENT);
    }

    int size() {
        return size;
    }

    void add(int block) {
        if (before[block] != ABSENT) {
            throw new IllegalStateException("block " + block + " was given back already");
        }
        before[block] = newest;
        after[block] = END;
        if (newest == END) {
            oldest = block;
        } else {
            after[newest] = block;
        }
        newest = block;
        size++;
    }

    boolean contains(int block) {
        return before[block] != ABSENT;
    }

    /** The block that was given back first; there is one. */
    int oldest() {
        return oldest;
    }

    void remove(int block) {
        if (block == END || before[block] == ABSENT) {
            throw new IllegalStateException("block " + block + " is not among the " + size + " given back");
        }
        if (before[block] == END) {
            oldest = after[block];
        } else {
            after[before[block]] = after[block];
        }
        if (after[block] == END) {
            newest = before[block];
        } else {
            before[after[block]] = before[block];
        }
        before[block] = ABSENT;
        size--;
    }
}
