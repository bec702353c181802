package dev.lockstep.generate;

import java.util.Arrays;

/**
 * The blocks of one sequence's cache in one group of layers, in order of position. Leading blocks may have been
 * returned to the pool; the table keeps its length, with a gap in their place. Changed through its {@link BlockManager}
 * only.
 */
final class BlockTable {
    private int[] blocks = new int[4];
    private int first;
    private int size;

    /** Blocks of all positions so far, holes included. */
    int size() {
        return size;
    }

    /** The first index that is not in the gap; the size where there is none. */
    int first() {
        return first;
    }

    /** @param index at least {@link #first} */
    int get(int index) {
        if (index < first) {
            throw new IllegalStateException("block " + index + " of a table was given back, it begins at " + first);
        }
        return blocks[index];
    }

    int last() {
        return get(size - 1);
    }

    /** Writes all blocks from {@link #first} on. */
    void copyTo(int[] target, int at) {
        System.arraycopy(blocks, first, target, at, size - first);
    }

    void add(int block) {
        if (size == blocks.length) {
            blocks = Arrays.copyOf(blocks, size * 2);
        }
        blocks[size++] = block;
    }

    /** Takes over the holes and blocks of another table. */
    void copy(BlockTable other) {
        if (blocks.length < other.size) {
            blocks = new int[other.blocks.length];
        }
        System.arraycopy(other.blocks, other.first, blocks, other.first, other.size - other.first);
        first = other.first;
        size = other.size;
    }

    /** Leaves a hole of this many blocks at the beginning of an empty table. */
    void skip(int holes) {
        if (size > 0) {
            throw new IllegalStateException("a table of " + size + " blocks cannot begin with a hole");
        }
        while (blocks.length < holes) {
            blocks = new int[blocks.length * 2];
        }
        first = holes;
        size = holes;
    }

    void replaceLast(int block) {
        blocks[size - 1] = block;
    }

    /** Leaves a hole before this index. */
    void forget(int index) {
        first = index;
    }

    void clear() {
        first = 0;
        size = 0;
    }
}
