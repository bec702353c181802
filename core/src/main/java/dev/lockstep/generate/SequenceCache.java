package dev.lockstep.generate;

import dev.lockstep.graph.Reach;
import java.util.List;

/**
 * What one sequence holds of the cache: a block table for each group of layers. Groups that see no further back than a
 * window or a chunk hold the blocks of that alone, and while a prompt runs those of the tokens of a step.
 */
final class SequenceCache {
    private final List<Reach> groups;
    private final BlockTable[] tables;

    /** @param groups what each group keeps */
    SequenceCache(List<Reach> groups) {
        this.groups = groups;
        this.tables = new BlockTable[groups.size()];
        for (int group = 0; group < tables.length; group++) {
            tables[group] = new BlockTable();
        }
    }

    int groups() {
        return tables.length;
    }

    BlockTable table(int group) {
        return tables[group];
    }

    /**
     * Takes the blocks to run {@code length} tokens from the first on, {@link dev.lockstep.backend.Limits#heldBlocks} in
     * all, which the pool must have.
     *
     * @param count of them that one step runs at most
     */
    void start(int length, int count, BlockManager blocks) {
        for (int group = 0; group < tables.length; group++) {
            extend(group, length, count, blocks);
        }
    }

    /** Blocks that holding positions up to this one, not included, takes from the pool. */
    int needed(int positions, BlockManager blocks) {
        int needed = 0;
        for (BlockTable table : tables) {
            needed += Math.max(0, blocks.blocksFor(positions) - table.size());
        }
        return needed;
    }

    /** Grows to hold this many positions; the pool has the blocks. */
    void append(int positions, BlockManager blocks) {
        for (BlockTable table : tables) {
            blocks.append(table, positions);
        }
    }

    /**
     * Gives back what no token from {@code next} on can see. Of tokens known but not run, blocks are taken in exchange:
     * a prompt that has begun never waits for others.
     *
     * @param length tokens known
     * @param count of them that one step runs at most
     */
    void forget(int next, int length, int count, BlockManager blocks) {
        for (int group = 0; group < tables.length; group++) {
            Reach reach = groups.get(group);
            if (reach.limited()) {
                blocks.forget(tables[group], reach.firstHeld(next) / blocks.blockSize());
                extend(group, length, count, blocks);
            }
        }
    }

    /** Never takes more than were given back since the start: the held ones then are as many as at first. */
    private void extend(int group, int length, int count, BlockManager blocks) {
        int held = groups.get(group).heldBlocks(length, count, blocks.blockSize());
        long end = (tables[group].first() + (long) held) * blocks.blockSize();
        blocks.append(tables[group], (int) Math.min(length, end));
    }

    /** Shares all that the parent holds. */
    void fork(SequenceCache parent, BlockManager blocks) {
        for (int group = 0; group < tables.length; group++) {
            blocks.fork(parent.tables[group], tables[group]);
        }
    }

    void free(BlockManager blocks) {
        for (BlockTable table : tables) {
            blocks.free(table);
        }
    }
}
