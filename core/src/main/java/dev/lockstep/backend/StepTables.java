package dev.lockstep.backend;

import java.util.Arrays;

/**
 * The block tables of a step for one cache group. Key {@code j} of sequence {@code s} is read from block
 * {@code blocks[starts[s] + j / blockSize]}. Row {@code t} writes its key and value to cache slot
 * {@code writeSlots[t] = block * blockSize + offset}; -1 means that it writes nothing. Leading blocks that were given
 * back have no entries here, so a start can lie before the sequence's first entry and may be negative.
 */
public final class StepTables {
    public final int[] writeSlots;
    public final int[] starts;
    public int[] blocks;
    /** Blocks of all sequences: the valid length of {@link #blocks}. */
    public int entries;

    StepTables(Limits limits) {
        this.writeSlots = new int[limits.maxTokens()];
        this.starts = new int[limits.maxSequences()];
        this.blocks = new int[limits.maxSequences()];
    }

    void clear() {
        entries = 0;
    }

    /** Makes room for this many entries. */
    public void ensure(int count) {
        if (blocks.length < count) {
            blocks = Arrays.copyOf(blocks, Math.max(count, blocks.length * 2));
        }
    }
}
