package dev.lockstep.engine;

import dev.lockstep.backend.Limits;
import dev.lockstep.graph.CacheGroups;
import dev.lockstep.graph.Model;
import dev.lockstep.graph.Reach;
import java.util.List;

/**
 * The sizes of the largest step, from the options and the model.
 *
 * @param tokens rows of a step
 * @param sequences sequences of a step
 * @param outputRows rows whose outputs are asked for
 * @param longest tokens of one sequence that must fit the cache
 * @param caches whether there is a cache at all
 * @param blockSize positions of a cache block
 * @param groups what each group of the caches keeps
 * @param furtherAxes row axes that a step carries beside its first
 */
record StepSizes(
        int tokens,
        int sequences,
        int outputRows,
        int longest,
        boolean caches,
        int blockSize,
        List<Reach> groups,
        int furtherAxes) {
    /** Bytes reserved on a rank for native code, and for the JVM's code and buffers. */
    static final long RESERVE = 64L << 20;

    private static final int DEFAULT_SEQUENCES = 256;
    /** A source is encoded in one step, so encoders need room for a long one. */
    static final int DEFAULT_TOKENS = 2048;

    private static final int DEFAULT_LENGTH = 1024;

    static StepSizes of(EngineOptions options, Model model, boolean whole) {
        int tokens = options.maxBatchTokens() > 0 ? options.maxBatchTokens() : DEFAULT_TOKENS;
        int sequences = options.maxSequences() > 0 ? options.maxSequences() : DEFAULT_SEQUENCES;
        sequences = Math.min(sequences, tokens);
        int longest = Math.min(model.maxPositions().orElse(DEFAULT_LENGTH), DEFAULT_LENGTH);
        boolean everyRow = whole || !model.task().generates();
        return new StepSizes(
                tokens,
                sequences,
                everyRow ? tokens : sequences,
                longest,
                model.task().generates(),
                Devices.named(options.device()).blockSize(),
                CacheGroups.of(model.graph()).reaches(),
                model.graph().furtherAxes());
    }

    Limits limits(int blocks) {
        return new Limits(tokens, sequences, outputRows, caches ? blocks : 0, blockSize, groups, furtherAxes);
    }

    /** Blocks for all sequences at an ordinary length; more are never useful, fewer are fine. */
    long wantedBlocks() {
        long wanted = 0;
        for (Reach reach : groups) {
            wanted += (long) sequences * reach.heldBlocks(longest, 1, blockSize);
            // Windows move over the prompts of a step: beside what each sees there are the tokens of the step itself.
            wanted += reach.limited() ? Reach.blocks(tokens, blockSize) : 0;
        }
        return caches ? wanted : 0;
    }

    /** Blocks without which not even one sequence of ordinary length runs. */
    int leastBlocks() {
        int least = 0;
        for (Reach reach : groups) {
            least += Math.min(reach.heldBlocks(longest, 1, blockSize), 8);
        }
        return caches ? least : 0;
    }
}
