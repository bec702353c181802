package dev.lockstep.generate;

import dev.lockstep.backend.Limits;
import dev.lockstep.backend.StepInput;
import dev.lockstep.backend.StepOutput;
import dev.lockstep.graph.Reach;
import java.util.List;

/**
 * A request in progress: its prompt, its sequences with their blocks, and how it chooses tokens. After every step that
 * ran all its pending tokens, it is asked first whether the step's candidates suffice, then to advance.
 */
abstract sealed class Row permits SampledRow, BeamRow {
    final Prompt prompt;
    final GenerationOptions options;
    /** Blocks of the source's cross-attention keys and values; empty for decoder-only models. */
    final BlockTable cross = new BlockTable();
    /** Whether {@link #cross} is filled, or nothing is to be filled. */
    boolean encoded;

    private int stepTokens = 1;

    Row(Prompt prompt, GenerationOptions options) {
        this.prompt = prompt;
        this.options = options;
        this.encoded = prompt.source() == null;
    }

    /** Sequences it may come to have. */
    abstract int slots();

    /** Sequences it has now, at least 1 while it runs; each asks for {@link #outputs} output rows. */
    abstract int sequences();

    /** Output rows that each sequence asks for when its pending tokens are run. */
    int outputs() {
        return 1;
    }

    abstract Sequence sequence(int index);

    /** Tokens it has generated so far. */
    int generated() {
        return sequence(0).length() - prompt.start().length;
    }

    /** Fills in the requests for its output rows, from {@code outputRow} on. */
    abstract void ask(StepInput input, int outputRow);

    /** Whether the step must be repeated with more candidates; {@link #askMore} asks for them. */
    abstract boolean needsMore(StepOutput output, int outputRow);

    /** Asks for more candidates of a step that is run again; all else stays as {@link #ask} filled it in. */
    abstract void askMore(StepInput input);

    /** Chooses the next tokens, which are pending then, or finishes. */
    abstract void advance(StepOutput output, int outputRow, BlockManager blocks);

    /** Why it ended; null while it runs. */
    abstract Completion.Finish finish();

    /** Why a row with finish {@code ERROR} cannot continue; else null. */
    String error() {
        return null;
    }

    /** What a finished row generated: a text for each of its samples. */
    abstract List<Result> results();

    /**
     * One generated text.
     *
     * @param tokens the generated tokens, those that ended the text not included
     * @param text where it was checked for stop strings and reached one; else null
     * @param stopsFrom stop strings that end before this character of the text do not count
     * @param logprobs null unless asked for
     */
    record Result(int[] tokens, String text, int stopsFrom, Completion.Finish finish, Logprobs logprobs) {}

    /** Gives up all blocks, keeping what was generated so that it can be run again. */
    abstract void preempt(BlockManager blocks);

    /** Gives up all blocks for good. */
    final void release(BlockManager blocks) {
        blocks.free(cross);
        for (int i = 0; i < sequences(); i++) {
            sequence(i).cache.free(blocks);
        }
    }

    /**
     * Blocks needed to start or restart with all known tokens: those of the source, and the most that the sequence
     * holds. With a shared prefix, fewer: {@link #startBlocks(Prefix, int, BlockManager)}.
     *
     * @param count tokens that one step runs at most
     */
    final long startBlocks(Limits limits, int count) {
        long cross = Reach.blocks(prompt.sourceLength(), limits.blockSize());
        return cross + limits.heldBlocks(sequence(0).length(), count);
    }

    /**
     * Blocks that starting takes from the pool.
     *
     * @param shared the shared prefix that it starts after; null for none
     * @param count tokens that one step runs at most
     */
    final int startBlocks(Prefix shared, int count, BlockManager blocks) {
        Sequence first = sequence(0);
        return blocks.blocksFor(prompt.sourceLength()) + first.cache.startBlocks(shared, first.length(), count, blocks);
    }

    /**
     * Takes the blocks to start with.
     *
     * @param shared the shared prefix that it starts after; null for none
     * @param count tokens that one step runs at most from now on
     */
    final void start(Prefix shared, int count, BlockManager blocks) {
        stepTokens = count;
        sequence(0).start(shared, count, blocks);
        blocks.append(cross, prompt.sourceLength());
    }

    /** Blocks that it returns when it ends, without those that it shares with other rows. */
    final int heldBlocks() {
        int held = cross.size();
        for (int i = 0; i < sequences(); i++) {
            held += sequence(i).cache.ownBlocks();
        }
        return held;
    }

    /** Tokens of each of its sequences that a step may run. */
    final int stepTokens() {
        return stepTokens;
    }

    /** Notes that a step has run {@code count} tokens of each sequence. */
    final void computed(int count, BlockManager blocks) {
        for (int i = 0; i < sequences(); i++) {
            sequence(i).computed(count, stepTokens, blocks);
        }
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
            needed += sequence.cache.needed(sequence.computed() + count, blocks);
            for (int group = 0; group < sequence.cache.groups(); group++) {
                // Of several beams that share their last block, all but one take a copy.
                if (blocks.isShared(sequence.cache.table(group), sequence.computed())
                        && sharesLastWithEarlier(i, group)) {
                    needed++;
                }
            }
        }
        return needed;
    }

    private boolean sharesLastWithEarlier(int index, int group) {
        BlockTable own = sequence(index).cache.table(group);
        for (int i = 0; i < index; i++) {
            BlockTable other = sequence(i).cache.table(group);
            if (other.size() == own.size() && other.last() == own.last()) {
                return true;
            }
        }
        return false;
    }
}
