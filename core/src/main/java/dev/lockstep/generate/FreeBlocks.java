package dev.lockstep.generate;

import java.util.Arrays;

/**
 * The free blocks of a pool. They are allocated so that the blocks of a table are adjacent where possible: attention
 * reads them in order, and sequential reads of memory are up to twice as fast. The pool is divided into runs of
 * adjacent blocks. A table begins at the start of a run that is completely free, if there is one, and continues with
 * the neighbour of its last block. Of several runs, the one that became free last is taken first.
 */
final class FreeBlocks {
    private static final int MOST = 16;
    /**
     * The least number of runs of a pool: in small pools, tables would otherwise leave no free run for others to begin
     * at.
     */
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
