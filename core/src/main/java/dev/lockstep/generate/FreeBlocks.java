package dev.lockstep.generate;

import java.util.Arrays;

/**
 * The blocks of a pool that hold nothing. They are handed out so that the blocks of a table lie one after the other where
 * that can be: attention reads them in order, and memory answers up to twice as fast to who reads on where he was. The
 * pool is cut into runs of neighbours; a table begins at the start of a run that is wholly free, if there is one, and goes
 * on with the neighbour of its last block. What was given back last is taken first.
 */
final class FreeBlocks {
    private static final int MOST = 16;
    /** Runs that a pool is cut into at least: in small pools tables would otherwise keep each other from beginning well. */
    private static final int RUNS = 64;

    private final int run;
    private final boolean[] free;
    private final int[] freeOfRun;
    /** Runs that are wholly free, and those that are in part. */
    private final NumberChain whole;

    private final NumberChain partly;
    private int size;

    /** @param blocks blocks of the pool, all free */
    FreeBlocks(int blocks) {
        run = Math.max(1, Math.min(MOST, blocks / RUNS));
        free = new boolean[blocks];
        int runs = (blocks + run - 1) / run;
        freeOfRun = new int[runs];
        whole = new NumberChain(runs);
        partly = new NumberChain(runs);
        Arrays.fill(free, true);
        for (int i = runs - 1; i >= 0; i--) {
            freeOfRun[i] = length(i);
            whole.add(i);
        }
        size = blocks;
    }

    int size() {
        return size;
    }

    /** The first block of the run of a block. */
    int runStart(int block) {
        return block / run * run;
    }

    /** One past the last block of the run of a block. */
    int runEnd(int block) {
        return Math.min(free.length, runStart(block) + run);
    }

    private int length(int index) {
        return Math.min(run, free.length - index * run);
    }

    /**
     * Takes a block; there is one.
     *
     * @param before the block that the taken one follows in its table; -1 where it begins one
     */
    int take(int before) {
        int next = before + 1;
        int block = before >= 0 && next < free.length && free[next] ? next : beginning();
        free[block] = false;
        size--;
        int index = block / run;
        if (freeOfRun[index]-- == length(index)) {
            whole.remove(index);
            partly.add(index);
        }
        if (freeOfRun[index] == 0) {
            partly.remove(index);
        }
        return block;
    }

    private int beginning() {
        if (whole.size() > 0) {
            return whole.newest() * run;
        }
        int block = partly.newest() * run;
        while (!free[block]) {
            block++;
        }
        return block;
    }

    void add(int block) {
        free[block] = true;
        size++;
        int index = block / run;
        if (freeOfRun[index]++ == 0) {
            partly.add(index);
        }
        if (freeOfRun[index] == length(index)) {
            partly.remove(index);
            whole.add(index);
        }
    }
}
