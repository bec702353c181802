package dev.lockstep.backend.cpu.kernel;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Deals the work of an attention step to workers: items are (sequence, key-value head, chunk of query rows), taken one
 * by one in that order by whoever is free, since sequences differ in length. Results do not depend on who takes what.
 */
final class AttentionItems {

    private final int chunkRows;
    private final AtomicInteger next = new AtomicInteger();
    private int[] ends = new int[64];
    private int sequences;

    /** Items of at most this many query rows. */
    AttentionItems(int chunkRows) {
        this.chunkRows = chunkRows;
    }

    /** Lays out a step; called before the workers start. */
    void reset(int count, int[] queryOffsets, int kvHeads) {
        if (ends.length < count) {
            ends = new int[Math.max(count, ends.length * 2)];
        }
        int items = 0;
        for (int s = 0; s < count; s++) {
            int rows = queryOffsets[s + 1] - queryOffsets[s];
            items += kvHeads * chunks(rows);
            ends[s] = items;
        }
        sequences = count;
        next.set(0);
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
