package dev.lockstep.backend;

import dev.lockstep.graph.Reach;
import java.util.List;

/**
 * The largest step that a program must be able to run, and the size of its cache pool.
 *
 * @param maxTokens tokens of one step, over all its sequences
 * @param maxSequences sequences of one step
 * @param maxOutputRows rows of one step for which outputs (logits) are requested
 * @param blocks blocks of the cache pool; 0 for models without caches
 * @param blockSize positions per block
 * @param groups what each cache group of the model keeps; at least one. A sequence has one block table per group
 * @param furtherAxes the most row axes that a step carries in addition to its first: {@link StepInput#further}
 */
public record Limits(
        int maxTokens,
        int maxSequences,
        int maxOutputRows,
        int blocks,
        int blockSize,
        List<Reach> groups,
        int furtherAxes) {

    public Limits {
        groups = List.copyOf(groups);
        if (maxTokens < 1 || maxSequences < 1 || maxOutputRows < 1 || blocks < 0 || blockSize < 1 || groups.isEmpty()) {
            throw new IllegalArgumentException("limits must be positive, found maxTokens=" + maxTokens
                    + " maxSequences=" + maxSequences + " maxOutputRows=" + maxOutputRows + " blocks=" + blocks
                    + " blockSize=" + blockSize + " groups=" + groups);
        }
    }

    /** Limits of a model with one row axis for each entry point. */
    public Limits(int maxTokens, int maxSequences, int maxOutputRows, int blocks, int blockSize, List<Reach> groups) {
        this(maxTokens, maxSequences, maxOutputRows, blocks, blockSize, groups, 0);
    }

    /** Limits of a model whose layers all keep whole sequences. */
    public Limits(int maxTokens, int maxSequences, int maxOutputRows, int blocks, int blockSize) {
        this(maxTokens, maxSequences, maxOutputRows, blocks, blockSize, List.of(Reach.ALL));
    }

    /** @throws IllegalArgumentException when the step exceeds these limits */
    public void check(StepInput step) {
        if (step.tokens > maxTokens || step.sequences > maxSequences || step.outputRows > maxOutputRows) {
            throw new IllegalArgumentException("a step of " + step.tokens + " tokens, " + step.sequences
                    + " sequences and " + step.outputRows + " output rows exceeds the program's " + this);
        }
        for (AxisRows axis : step.further) {
            if (axis.rows > maxTokens) {
                throw new IllegalArgumentException(
                        "a step of " + axis.rows + " rows along a further axis exceeds the program's " + this);
            }
        }
    }

    /** The most blocks that a sequence holds at once, summed over all groups: see {@link Reach#heldBlocks}. */
    public int heldBlocks(int length, int count) {
        long sum = 0;
        for (int group = 0; group < groups.size(); group++) {
            sum += groups.get(group).heldBlocks(length, count, blockSize);
        }
        return (int) Math.min(Integer.MAX_VALUE, sum);
    }
}
