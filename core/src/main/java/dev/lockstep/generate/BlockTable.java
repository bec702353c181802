package dev.lockstep.generate;

import java.util.Arrays;

/** The blocks of one sequence's cache, in order of position. Changed through its {@link BlockManager} only. */
final class BlockTable {
    private int[] blocks = new int[4];
    private int size;

    int size() {
        return size;
    }

    int get(int index) {
        return blocks[index];
    }

    int last() {
        return blocks[size - 1];
    }

    void copyTo(int[] target, int at) {
        System.arraycopy(blocks, 0, target, at, size);
    }

    void add(int block) {
        if (size == blocks.length) {
            blocks = Arrays.copyOf(blocks, size * 2);
        }
        blocks[size++] = block;
    }

    void replaceLast(int block) {
        blocks[size - 1] = block;
    }

    void clear() {
        size = 0;
    }
}
