package dev.lockstep.generate;

import dev.lockstep.graph.Reach;

/**
 * The cache pool of all groups of layers: which of its blocks are free, and how many tables hold each of the others. A
 * forked table shares all blocks with its parent. A shared block is never written; a writer copies it first. A free
 * block whose content a {@link PrefixIndex} knows is kept for reuse until no other block is free. Then the one returned
 * first is overwritten, and the cached content of its neighbours is dropped with it.
 */
final class BlockManager {
    private final int blockSize;
    private final int[] references;
    /** The free blocks without known content. */
    private final FreeBlocks free;
    /** The other free blocks, in the order in which they were returned. */
    private final NumberChain reusable;
    /** What blocks hold; null where nobody asks. */
    private final PrefixIndex prefixes;

    /**
     * A pool without prefix sharing.
     *
     * @param blocks blocks of the pool
     * @param blockSize positions a block holds
     */
    BlockManager(int blocks, int blockSize) {
        this(blocks, blockSize, null);
    }

    /**
     * @param blocks blocks of the pool
     * @param blockSize positions a block holds
     * @param prefixes the cached prefixes; null without prefix sharing
     */
    BlockManager(int blocks, int blockSize, PrefixIndex prefixes) {
        this.blockSize = blockSize;
        this.prefixes = prefixes;
        this.references = new int[blocks];
        this.reusable = new NumberChain(blocks);
        this.free = new FreeBlocks(blocks);
    }

    int blocks() {
        return references.length;
    }

    int blockSize() {
        return blockSize;
    }

    /** Blocks that no table holds. */
    int freeBlocks() {
        return free.size() + reusable.size();
    }

    /** What blocks hold; null where nobody asks. */
    PrefixIndex prefixes() {
        return prefixes;
    }

    int references(int block) {
        return references[block];
    }

    boolean canAllocate(int blocks) {
        return blocks <= freeBlocks();
    }

    /** Blocks that hold this many positions. */
    int blocksFor(int positions) {
        return Reach.blocks(positions, blockSize);
    }

    /** Grows a table to hold this many positions; {@link #canAllocate} was asked before. */
    void append(BlockTable table, int positions) {
        int needed = blocksFor(positions);
        while (table.size() < needed) {
            table.add(allocate(table.size() > table.first() ? table.last() : -1));
        }
    }

    /** Whether a write at this position would change a block that another table shares. */
    boolean isShared(BlockTable table, int position) {
        int index = position / blockSize;
        return index < table.size() && references[table.get(index)] > 1;
    }

    /** Replaces the table's shared last block by a block of its own, and returns it; the caller copies the content. */
    int unshare(BlockTable table) {
        int block = table.last();
        if (references[block] < 2) {
            throw new IllegalStateException(
                    "block " + block + " is not shared: it has " + references[block] + " holders");
        }
        int own = allocate(-1);
        references[block]--;
        table.replaceLast(own);
        return own;
    }

    /** Adds a block that others hold or held, and whose content is known, to the end of a table. */
    void share(int block, BlockTable table) {
        if (references[block]++ == 0) {
            reusable.remove(block);
        }
        table.add(block);
    }

    /** Gives up the table's blocks before this index; it is at most the table's size. */
    void forget(BlockTable table, int index) {
        for (int i = table.first(); i < index; i++) {
            release(table.get(i));
        }
        table.forget(Math.max(index, table.first()));
    }

    /** Makes the empty {@code child} share all blocks of {@code parent}. */
    void fork(BlockTable parent, BlockTable child) {
        if (child.size() != 0) {
            throw new IllegalStateException("a fork needs an empty table, found " + child.size() + " blocks");
        }
        for (int i = parent.first(); i < parent.size(); i++) {
            references[parent.get(i)]++;
        }
        child.copy(parent);
    }

    /** Gives up the table's blocks and empties it. */
    void free(BlockTable table) {
        for (int i = table.size() - 1; i >= table.first(); i--) {
            release(table.get(i));
        }
        table.clear();
    }

    private void release(int block) {
        if (references[block] < 1) {
            throw new IllegalStateException("block " + block + " is freed twice");
        }
        if (--references[block] > 0) {
            return;
        }
        if (prefixes != null && prefixes.isHeld(block)) {
            reusable.add(block);
        } else {
            free.add(block);
        }
    }

    private int allocate(int before) {
        if (free.size() == 0) {
            evict();
        }
        int block = free.take(before);
        references[block] = 1;
        return block;
    }

    /**
     * Drops the cached content of the oldest block and of its neighbours, which are likely as old and are read
     * together.
     */
    private void evict() {
        if (reusable.size() == 0) {
            throw new IllegalStateException("all " + references.length + " blocks of the pool are in use");
        }
        int oldest = reusable.oldest();
        for (int block = free.runStart(oldest); block < free.runEnd(oldest); block++) {
            if (reusable.contains(block)) {
                reusable.remove(block);
                prefixes.drop(block);
                free.add(block);
            }
        }
    }
}
