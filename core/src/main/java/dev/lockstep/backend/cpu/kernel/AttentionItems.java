package dev.lockstep.backend.cpu.kernel;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Deals the work of an attention step to workers: items are taken one by one in order by whoever is free, since sequences
 * differ in length. A sequence with few query rows is cut into ranges of key-value heads, one with many into (key-value
 * head, chunk of query rows). Results do not depend on who takes what.
 */
final class AttentionItems {

    private final int chunkRows;
    private final int fewRows;
    private final AtomicInteger next = new AtomicInteger();
    private int[] ends = new int[64];
    private int sequences;
    private int ranges = 1;

    /**
     * @param chunkRows rows of a chunk at most
     * @param fewRows sequences of at most so many rows are cut into ranges of heads; 0 for none
     */
    AttentionItems(int chunkRows, int fewRows) {
        this.chunkRows = chunkRows;
        this.fewRows = fewRows;
    }

    /**
     * Lays out a step; called before the workers start.
     *
     * @param wanted items that the step should have at least, so that workers end together
     */
    void reset(int count, int[] queryOffsets, int kvHeads, int wanted) {
        if (ends.length < count) {
            ends = new int[Math.max(count, ends.length * 2)];
        }
        ranges = Math.max(1, Math.min(kvHeads, (wanted + count - 1) / Math.max(1, count)));
        int items = 0;
        for (int s = 0; s < count; s++) {
            int rows = queryOffsets[s + 1] - queryOffsets[s];
            items += isFew(rows) ? ranges : kvHeads * chunks(rows);
            ends[s] = items;
        }
        sequences = count;
        next.set(0);
    }

    /** Whether a sequence of so many rows is cut into ranges of heads. */
    boolean isFew(int rows) {
        return rows <= fewRows;
    }

    /** Ranges of heads of a sequence with few rows. */
    int ranges() {
        return ranges;
    }

    int chunks(int rows) {
        return (rows + chunkRows - 1) / chunkRows;
    }

    int chunkRows() {
        return chunkRows;
    }

    /** The next item, or -1. */
    int take() {
        int item = next.getAndIncrement();
        return sequences == 0 || item >= ends[sequences - 1] ? -1 : item;
    }

    /** The sequence of an item, at or after {@code from}: items come in ascending order. */
    int sequenceOf(int item, int from) {
        int s = from;
        while (item >= ends[s]) {
            s++;
        }
        return s;
    }

    /** The item's number within its sequence. */
    int within(int item, int sequence) {
        return sequence == 0 ? item : item - ends[sequence - 1];
    }
}
