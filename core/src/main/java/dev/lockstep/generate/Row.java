package dev.lockstep.generate;

import dev.lockstep.backend.StepInput;
import dev.lockstep.backend.StepOutput;

/**
 * A request on its way: what it starts from, its sequences with their blocks, and how it chooses tokens. After every
 * step that ran all pending tokens it is asked, in this order, whether the step's candidates suffice, then to advance.
 */
abstract sealed class Row permits SampledRow, BeamRow {
    final Prompt prompt;
    final GenerationOptions options;
    /** Blocks of the source's cross-attention keys and values; empty for decoder-only models. */
    final BlockTable cross = new BlockTable();
    /** Whether {@link #cross} is filled, or nothing is to be filled. */
    boolean encoded;

    Row(Prompt prompt, GenerationOptions options) {
        this.prompt = prompt;
        this.options = options;
        this.encoded = prompt.source() == null;
    }

    /** Sequences it may come to have. */
    abstract int slots();

    /** Sequences it has now, at least 1; each asks for one output row. */
    abstract int sequences();

    abstract Sequence sequence(int index);

    /** Fills in what is wanted of its output rows, from {@code outputRow} on. */
    abstract void ask(StepInput input, int outputRow);

    /** Whether the step must be repeated with more candidates; the next {@link #ask} asks for them. */
    abstract boolean needsMore(StepOutput output, int outputRow);

    /** Chooses the next tokens, which are pending then, or finishes. */
    abstract void advance(StepOutput output, int outputRow, BlockManager blocks);

    /** Why it ended; null while it goes on. */
    abstract Completion.Finish finish();

    /** The generated tokens of a finished row, EOS not included. */
    abstract int[] result();

    /** The text of a finished row where it was followed for stop strings; else null. */
    abstract String text();

    /** Gives up all blocks, keeping what was generated so that it can be run again. */
    abstract void preempt(BlockManager blocks);

    /** Gives up all blocks for good. */
    final void release(BlockManager blocks) {
        blocks.free(cross);
        for (int i = 0; i < sequences(); i++) {
            blocks.free(sequence(i).table);
        }
    }

    /** Blocks needed to start (again): the source's, and those of all tokens known. */
    final int startBlocks(BlockManager blocks) {
        return blocks.blocksFor(prompt.sourceLength())
                + blocks.blocksFor(sequence(0).length());
    }

    /** Takes the blocks to start with. */
    final void allocateStart(BlockManager blocks) {
        blocks.append(cross, prompt.sourceLength());
        blocks.append(sequence(0).table, sequence(0).length());
    }

    final void freeSource(BlockManager blocks) {
        blocks.free(cross);
        encoded = prompt.source() == null;
    }

    /** Blocks that running the next {@code count} tokens of each sequence takes from the pool. */
    final int neededBlocks(int count, BlockManager blocks) {
        int needed = 0;
        for (int i = 0; i < sequences(); i++) {
            Sequence sequence = sequence(i);
            needed += Math.max(0, blocks.blocksFor(sequence.computed() + count) - sequence.table.size());
            // Of several beams that share their last block, all but one take a copy.
            if (blocks.isShared(sequence.table, sequence.computed()) && sharesLastWithEarlier(i)) {
                needed++;
            }
        }
        return needed;
    }

    private boolean sharesLastWithEarlier(int index) {
        int last = sequence(index).table.last();
        for (int i = 0; i < index; i++) {
            if (sequence(i).table.size() == sequence(index).table.size()
                    && sequence(i).table.last() == last) {
                return true;
            }
        }
        return false;
    }
}
