package dev.lockstep.generate;

import dev.lockstep.graph.Reach;
import java.util.List;

/**
 * One sequence's part of the KV cache: a block table for each group of layers. Groups of windowed or chunked layers
 * hold only the blocks of their window or chunk, and during prefill those of a step's tokens. With prefix sharing, a
 * sequence starts after the prefix that others have computed, and its own full blocks are shared in turn.
 */
final class SequenceCache {
    private final List<Reach> groups;
    private final BlockTable[] tables;
    /** The tokens of its full blocks; null before the start and where the pool knows no prefixes. */
    private Prefix known;

    /** Blocks of each group that others had computed at its start. */
    private int found;

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
     * The blocks that {@link #start} takes from the pool.
     *
     * @param shared the shared prefix that it starts after; null for none
     */
    int startBlocks(Prefix shared, int length, int count, BlockManager blocks) {
        int needed = 0;
        for (int group = 0; group < tables.length; group++) {
            int first = firstHeld(group, shared, blocks);
            needed += end(group, first, length, count, blocks) - depth(shared);
            for (Prefix prefix = shared; depth(prefix) > first; prefix = prefix.before()) {
                needed += blocks.references(prefix.block(group)) == 0 ? 1 : 0;
            }
        }
        return needed;
    }

    /**
     * Takes the blocks to run {@code length} tokens, which the pool must have: all but those of {@code shared}, at most
     * {@link dev.lockstep.backend.Limits#heldBlocks}.
     *
     * @param shared the shared prefix that it starts after, see {@link PrefixSearch}; null for none
     * @param count tokens that one step runs at most
     */
    void start(Prefix shared, int length, int count, BlockManager blocks) {
        if (blocks.prefixes() != null) {
            known = blocks.prefixes().enter(shared == null ? blocks.prefixes().empty() : shared);
        }
        found = depth(shared);
        // All that is shared first: it must not be overwritten by what is taken.
        for (int group = 0; group < tables.length; group++) {
            int first = firstHeld(group, shared, blocks);
            tables[group].skip(first);
            share(shared, group, first, blocks);
        }
        for (int group = 0; group < tables.length; group++) {
            extend(group, length, count, blocks);
        }
    }

    private void share(Prefix prefix, int group, int first, BlockManager blocks) {
        if (depth(prefix) > first) {
            share(prefix.before(), group, first, blocks);
            blocks.share(prefix.block(group), tables[group]);
        }
    }

    private int firstHeld(int group, Prefix shared, BlockManager blocks) {
        return shared == null ? 0 : firstHeld(groups.get(group), depth(shared), blocks.blockSize());
    }

    /** The first block that a group must have of a text whose first {@code depth} blocks are computed. */
    static int firstHeld(Reach reach, int depth, int blockSize) {
        return depth == 0 ? 0 : reach.firstHeld(depth * blockSize) / blockSize;
    }

    private static int depth(Prefix prefix) {
        return prefix == null ? 0 : prefix.depth();
    }

    /** Blocks that holding positions up to this one, not included, takes from the pool. */
    int needed(int positions, BlockManager blocks) {
        int needed = 0;
        for (BlockTable table : tables) {
            needed += Math.max(0, blocks.blocksFor(positions) - table.size());
        }
        return needed;
    }

    /** Blocks in its tables but those it found. */
    int ownBlocks() {
        int own = 0;
        for (BlockTable table : tables) {
            own += table.size() - Math.max(table.first(), Math.min(table.size(), found));
        }
        return own;
    }

    /** Grows to hold this many positions; the pool has the blocks. */
    void append(int positions, BlockManager blocks) {
        for (BlockTable table : tables) {
            blocks.append(table, positions);
        }
    }

    /** Makes known what its blocks hold that the first {@code computed} tokens fill. */
    void makeKnown(int[] tokens, int computed, BlockManager blocks) {
        if (known == null) {
            return;
        }
        int size = blocks.blockSize();
        while ((known.depth() + 1) * size <= computed) {
            int index = known.depth();
            known = blocks.prefixes().advance(known, tokens, index * size);
            for (int group = 0; group < tables.length; group++) {
                blocks.prefixes().hold(known, group, tables[group].get(index));
            }
        }
    }

    /**
     * Returns the blocks that no token from {@code next} on can attend to, and takes blocks for tokens that are known
     * but not run in exchange. A prompt that has begun therefore waits for no other rows, except those that still share
     * the blocks it returned.
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

    /**
     * Takes no more than are free: blocks that others share with this sequence do not become free when it returns them.
     */
    private void extend(int group, int length, int count, BlockManager blocks) {
        int end = end(group, tables[group].first(), length, count, blocks);
        end = (int) Math.min(end, (long) tables[group].size() + blocks.freeBlocks());
        blocks.append(tables[group], Math.min(length, end * blocks.blockSize()));
    }

    /** The block up to which a group is held that begins at block {@code first}. */
    private int end(int group, int first, int length, int count, BlockManager blocks) {
        long held = groups.get(group).heldBlocks(length, count, blocks.blockSize());
        return (int) Math.min(blocks.blocksFor(length), first + held);
    }

    /** Shares all that the parent holds. */
    void fork(SequenceCache parent, BlockManager blocks) {
        for (int group = 0; group < tables.length; group++) {
            blocks.fork(parent.tables[group], tables[group]);
        }
        found = parent.found;
        if (parent.known != null) {
            known = blocks.prefixes().enter(parent.known);
        }
    }

    void free(BlockManager blocks) {
        for (BlockTable table : tables) {
            blocks.free(table);
        }
        found = 0;
        if (known != null) {
            blocks.prefixes().leave(known);
            known = null;
        }
    }
}
