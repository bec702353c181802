package dev.lockstep.generate;

import dev.lockstep.backend.Limits;
import dev.lockstep.graph.Reach;
import java.util.List;

/**
 * Decides whether a waiting row starts. It starts when its blocks are free and all running rows together are expected
 * to find enough blocks until they end, see {@link OutputLengths}. If the estimate is wrong, the latest rows are
 * pre-empted, which costs only time. Where nothing runs, every row starts, so there is always progress.
 *
 * <p>A row also waits while another row computes a prefix that they share, and then reads it; {@link WaitingRows}
 * limits how long.
 */
final class Admission {
    private final Limits limits;
    private final int chunk;
    private final BlockManager blocks;
    private final OutputLengths lengths;
    private final PoolForecast forecast;
    /** Null where no prefixes are shared. */
    private final PrefixSearch search;

    private Prefix shared;
    private int stepTokens;
    private int needed;

    /** @param chunk tokens of one prompt that a step runs at most */
    Admission(Limits limits, int chunk, BlockManager blocks, OutputLengths lengths) {
        this.limits = limits;
        this.chunk = chunk;
        this.blocks = blocks;
        this.lengths = lengths;
        this.forecast = new PoolForecast(lengths, limits.blockSize());
        this.search = blocks.prefixes() == null
                ? null
                : new PrefixSearch(blocks.prefixes(), limits.groups(), limits.blockSize());
    }

    /**
     * Whether the row should start now.
     *
     * @param due whether it has waited for others long enough
     */
    boolean admits(Row row, List<Row> running, boolean due) {
        prepare(row);
        if (running.isEmpty()) {
            return true;
        }
        return !(search != null && !due && isBeingComputed(row, running)) && fits(row, running);
    }

    private void prepare(Row row) {
        stepTokens = chunk;
        while (stepTokens > 1 && row.startBlocks(limits, stepTokens) > blocks.blocks()) {
            stepTokens = (stepTokens + 1) / 2; // the pool does not hold as many beside what windows see
        }
        shared = search == null ? null : row.sequence(0).longestKnown(search);
        needed = row.startBlocks(shared, stepTokens, blocks);
    }

    /** Whether the pool has the blocks for the row that was asked about last. */
    boolean isPossible() {
        return blocks.canAllocate(needed);
    }

    /** Starts the row that was asked about last, and returns how many of its tokens need not be run. */
    int start(Row row) {
        row.start(shared, stepTokens, blocks);
        return row.sequence(0).computed();
    }

    private boolean isBeingComputed(Row row, List<Row> running) {
        Sequence wanted = row.sequence(0);
        int size = limits.blockSize();
        int found = shared.depth() * size;
        for (int i = running.size() - 1; i >= 0; i--) {
            Sequence other = running.get(i).sequence(0);
            if (other.pending() > 1) {
                int common = Math.min(wanted.commonTokens(other), wanted.length() - 1) / size * size;
                if (common > found && common > other.computed()) {
                    return true;
                }
            }
        }
        return false;
    }

    private boolean fits(Row row, List<Row> running) {
        int sequences = 0;
        int longest = left(row);
        for (int i = 0; i < running.size(); i++) {
            sequences += running.get(i).slots();
            longest = Math.max(longest, left(running.get(i)));
        }
        // Each sequence must find at least one block, or admission and pre-emption would alternate.
        if (needed + (long) sequences * limits.groups().size() > blocks.freeBlocks()) {
            return false;
        }
        lengths.update(running);
        forecast.begin(longest);
        forecast.add(
                row,
                growing(row),
                needed,
                room(row, Reach.blocks(row.sequence(0).length(), limits.blockSize())));
        long shared = (long) blocks.blocks() - blocks.freeBlocks();
        for (int i = 0; i < running.size(); i++) {
            int held = running.get(i).heldBlocks();
            int table = running.get(i).sequence(0).cache.table(0).size();
            forecast.add(running.get(i), growing(running.get(i)), held, room(running.get(i), table));
            shared -= held;
        }
        return Math.max(0, shared) + forecast.most() <= blocks.blocks();
    }

    /**
     * Tokens for which a table of so many blocks has room in addition to those of the row, whose last token is not run
     * yet.
     */
    private int room(Row row, int blocksOfTable) {
        return Math.max(0, blocksOfTable * limits.blockSize() - (row.sequence(0).length() - 1));
    }

    private static int left(Row row) {
        return row.options.maxNewTokens() - row.generated();
    }

    /** Tables that grow with each token: those of windows do not once they are full. */
    private int growing(Row row) {
        int growing = 0;
        int length = row.sequence(0).length();
        for (int group = 0; group < limits.groups().size(); group++) {
            Reach reach = limits.groups().get(group);
            growing += !reach.limited() || length < reach.mostKeys() ? 1 : 0;
        }
        return growing * row.slots();
    }
}
