package dev.lockstep.backend;

import java.util.Arrays;

/**
 * Where a step's sequences and rows are in one group of caches. Key {@code j} of sequence {@code s} is read from block
 * {@code blocks[starts[s] + j / blockSize]}; row {@code t} writes its key and value at cache slot {@code writeSlots[t] =
 * block * blockSize + offset}, or nowhere where that is -1. Leading blocks that were given back take no room here: a
 * start then lies before the sequence's first entry, and may be negative.
 */
public final class StepTables {
    public final int[] writeSlots;
    public final int[] starts;
    public int[] blocks;
    /** Blocks of all sequences together: the meaningful part of {@link #blocks}. */
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
