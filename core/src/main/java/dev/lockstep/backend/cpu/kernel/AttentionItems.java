package dev.lockstep.backend.cpu.kernel;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Distributes the work of an attention step over workers. Sequences differ in length, so each free worker takes the
 * next item, in order. An item is a range of key-value heads and a chunk of query rows of one sequence. Results do not
 * depend on which worker takes which item. Usage: {@link #begin}, {@link #add} for each sequence, {@link #end}, then
 * {@link #take}.
 */
final class AttentionItems {

    private final AtomicInteger next = new AtomicInteger();
    private final int heads;
    private final int leastRows;
    private int[] rows = new int[64];
    private int[] ranges = new int[64];
    private int[] chunkRows = new int[64];
    private int[] ends = new int[64];
    private int sequences;

    /**
     * @param heads key-value heads
     * @param leastRows the smallest chunk of a sequence that is made to get more items
     */
    AttentionItems(int heads, int leastRows) {
        this.heads = heads;
        this.leastRows = leastRows;
    }

    /** Starts the layout of a step; called before the workers start. */
    void begin() {
        sequences = 0;
    }

    /**
     * Adds a sequence.
     *
     * @param queryRows its rows
     * @param headRanges the least number of ranges that its heads are divided into
     * @param mostRows the most rows of a chunk
     */
    void add(int queryRows, int headRanges, int mostRows) {
        if (sequences == rows.length) {
            rows = Arrays.copyOf(rows, 2 * sequences);
            ranges = Arrays.copyOf(ranges, 2 * sequences);
            chunkRows = Arrays.copyOf(chunkRows, 2 * sequences);
            ends = Arrays.copyOf(ends, 2 * sequences);
        }
        rows[sequences] = queryRows;
        ranges[sequences] = headRanges;
        chunkRows[sequences] = mostRows;
        sequences++;
    }

    /**
     * Ends the layout.
     *
     * @param wanted the least items that the step should have, so that workers finish together. To reach it, heads are
     *     divided further first, then rows
     */
    void end(int wanted) {
        int items = count();
        if (items > 0 && items < wanted) {
            int factor = (wanted + items - 1) / items;
            for (int s = 0; s < sequences; s++) {
                ranges[s] = Math.min(heads, ranges[s] * factor);
            }
            items = count();
        }
        if (items > 0 && items < wanted) {
            int factor = (wanted + items - 1) / items;
            for (int s = 0; s < sequences; s++) {
                chunkRows[s] = Math.min(chunkRows[s], Math.max(leastRows, (rows[s] + factor - 1) / factor));
            }
            count();
        }
        next.set(0);
    }

    private int count() {
        int items = 0;
        for (int s = 0; s < sequences; s++) {
            items += ranges[s] * chunks(s);
            ends[s] = items;
        }
        return items;
    }

    private int chunks(int sequence) {
        return (rows[sequence] + chunkRows[sequence] - 1) / chunkRows[sequence];
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

    /** The item's range of heads, numbered within its sequence; the chunks of a range follow one another. */
    int range(int item, int sequence) {
        return within(item, sequence) / chunks(sequence);
    }

    /** The first key-value head of a range; that of the next range is the end. */
    int firstHead(int range, int sequence) {
        return (int) ((long) heads * range / ranges[sequence]);
    }

    /** The item's first row in its sequence. */
    int firstRow(int item, int sequence) {
        return within(item, sequence) % chunks(sequence) * chunkRows[sequence];
    }

    /** One past its last row. */
    int endRow(int item, int sequence) {
        return Math.min(rows[sequence], firstRow(item, sequence) + chunkRows[sequence]);
    }

    private int within(int item, int sequence) {
        return sequence == 0 ? item : item - ends[sequence - 1];
    }
}
