package dev.lockstep.backend.cpu.kernel;

import dev.lockstep.backend.cpu.memory.Matrix;
import dev.lockstep.backend.cpu.memory.Memory;
import dev.lockstep.backend.cpu.memory.Slab;
import java.util.Arrays;

/**
 * The last row of every sequence, stored per cache block: the row of the last position written to the block. A block
 * has two entries, so that a step keeps the row that it started from and can be repeated. The user of this object
 * closes it.
 */
public final class LastRows implements AutoCloseable {
    private static final int ENTRIES = 2;
    private static final int EMPTY = -1;

    private final Memory memory;
    private final int blockSize;
    private final int width;
    private final int perSlab;
    private Slab[] slabs = new Slab[0];
    private int[] positions = new int[0];

    /**
     * Allocates the entries.
     *
     * @param blocks blocks of the pool
     * @param width features of a row; 0 is legal
     */
    public LastRows(int blocks, int blockSize, int width, Memory memory) {
        this.memory = memory;
        this.blockSize = blockSize;
        this.width = width;
        this.perSlab = (int) (Slab.MAX_BYTES / Math.max(1, bytes(1, width)));
        resize(blocks);
    }

    /**
     * Replaces the blocks by this many new ones; their contents are lost.
     *
     * @throws dev.lockstep.backend.OutOfMemoryException when there is not enough memory
     */
    public void resize(int blocks) {
        close();
        slabs = new Slab[width == 0 ? 0 : (int) (((long) blocks + perSlab - 1) / perSlab)];
        for (int i = 0; i < slabs.length; i++) {
            int held = (int) Math.min(perSlab, blocks - (long) i * perSlab);
            slabs[i] = memory.allocate(bytes(held, width), "rows kept from step to step");
        }
        positions = new int[blocks * ENTRIES];
        Arrays.fill(positions, EMPTY);
    }

    /** Bytes that so many blocks take. */
    public static long bytes(int blocks, int width) {
        return (long) blocks * ENTRIES * width * Float.BYTES;
    }

    /**
     * Each row of the target becomes the preceding row of its sequence: a row of the source, the kept row, or zero at
     * the start. Then the last row of each sequence is kept.
     *
     * @param source plain {@code [rows, width]}
     * @param target plain, not the source
     * @param firstPositions position of each sequence's first row
     * @param tables block of position p of sequence s at {@code tables[tableOffsets[s] + p / blockSize]}
     */
    public void shift(
            Matrix source,
            Matrix target,
            int sequences,
            int[] rowOffsets,
            int[] firstPositions,
            int[] tables,
            int[] tableOffsets) {
        for (int s = 0; s < sequences; s++) {
            int first = rowOffsets[s];
            int end = rowOffsets[s + 1];
            if (first == end || width == 0) {
                continue;
            }
            int before = firstPositions[first] - 1;
            start(target, first, before, before < 0 ? 0 : tables[tableOffsets[s] + before / blockSize]);
            for (int row = first + 1; row < end; row++) {
                target.slab().copy(target.at(row, 0), source.slab(), source.at(row - 1, 0), width);
            }
            int last = before + end - first;
            int entry = entryToWrite(tables[tableOffsets[s] + last / blockSize], last, before);
            positions[entry] = last;
            slab(entry).copy(at(entry), source.slab(), source.at(end - 1, 0), width);
        }
    }

    private void start(Matrix target, int row, int position, int block) {
        if (position < 0) {
            target.slab().clear(target.at(row, 0), width);
            return;
        }
        for (int entry = block * ENTRIES; entry < (block + 1) * ENTRIES; entry++) {
            if (positions[entry] == position) {
                target.slab().copy(target.at(row, 0), slab(entry), at(entry), width);
                return;
            }
        }
        throw new IllegalStateException("block " + block + " does not hold the row of position " + position
                + ", it holds those of " + positions[block * ENTRIES] + " and " + positions[block * ENTRIES + 1]);
    }

    private int entryToWrite(int block, int position, int read) {
        int entry = block * ENTRIES;
        if (positions[entry] == position || positions[entry + 1] == position) {
            return positions[entry] == position ? entry : entry + 1;
        }
        return positions[entry] == read ? entry + 1 : entry;
    }

    /** Copies a block's entries over another's. */
    public void copyBlock(int from, int to) {
        System.arraycopy(positions, from * ENTRIES, positions, to * ENTRIES, ENTRIES);
        for (int entry = 0; entry < ENTRIES && width > 0; entry++) {
            int target = to * ENTRIES + entry;
            int source = from * ENTRIES + entry;
            slab(target).copy(at(target), slab(source), at(source), width);
        }
    }

    private Slab slab(int entry) {
        return slabs[entry / ENTRIES / perSlab];
    }

    private int at(int entry) {
        return entry % (ENTRIES * perSlab) * width;
    }

    public long bytes() {
        long sum = 0;
        for (Slab slab : slabs) {
            sum += slab.byteSize();
        }
        return sum;
    }

    @Override
    public void close() {
        for (Slab slab : slabs) {
            if (slab != null) {
                slab.close();
            }
        }
    }
}
