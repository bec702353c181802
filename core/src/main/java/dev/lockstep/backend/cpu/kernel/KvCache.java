package dev.lockstep.backend.cpu.kernel;

import dev.lockstep.backend.Precision;
import dev.lockstep.backend.cpu.memory.Bf16;
import dev.lockstep.backend.cpu.memory.Matrix;
import dev.lockstep.backend.cpu.memory.Slab;
import dev.lockstep.backend.cpu.memory.Workers;

/**
 * The block pool of one attention layer on one rank. A block holds {@code blockSize} positions of all local key-value
 * heads: values as {@code [kvHead][blockSize][valueWidth]}, keys transposed in groups of {@link TileMath#GROUP}
 * positions as {@code [kvHead][group][keyWidth][GROUP]}, so that scores need no sums over lanes. A value width of 0
 * keeps keys alone. Lies in as many slabs
 * as it needs. Who uses it closes it.
 */
public final class KvCache implements AutoCloseable {

    private static final int GROUP = TileMath.GROUP;

    private final int blocks;
    private final int kvHeads;
    private final int blockSize;
    private final int keyWidth;
    private final int valueWidth;
    private final Precision precision;
    private final int groups;
    private final int keyElements;
    private final int valueElements;
    private final int keyBlocksPerSlab;
    private final int valueBlocksPerSlab;
    private final Slab[] keySlabs;
    private final Slab[] valueSlabs;
    private final Workers.Task writeTask = this::writeShare;
    private Matrix writeKeys;
    private Matrix writeValues;
    private int[] writeSlots;
    private int writeRows;

    /**
     * Allocates the pool.
     *
     * @param blocks blocks; block ids are below it
     * @param kvHeads local key-value heads; 0 is legal
     * @throws IllegalArgumentException when one block is larger than a slab
     */
    public KvCache(int blocks, int kvHeads, int blockSize, int keyWidth, int valueWidth, Precision precision) {
        this.blocks = blocks;
        this.kvHeads = kvHeads;
        this.blockSize = blockSize;
        this.keyWidth = keyWidth;
        this.valueWidth = valueWidth;
        this.precision = precision;
        this.groups = (blockSize + GROUP - 1) / GROUP;
        this.keyElements = Math.toIntExact((long) kvHeads * groups * GROUP * keyWidth);
        this.valueElements = Math.toIntExact((long) kvHeads * blockSize * valueWidth);
        this.keyBlocksPerSlab = blocksPerSlab(keyElements);
        this.valueBlocksPerSlab = blocksPerSlab(valueElements);
        this.keySlabs = allocate(keyElements, keyBlocksPerSlab, "cached keys");
        this.valueSlabs = allocate(valueElements, valueBlocksPerSlab, "cached values");
    }

    /** Bytes of one block of such a pool. */
    public static long blockBytes(int kvHeads, int blockSize, int keyWidth, int valueWidth, Precision precision) {
        long padded = (blockSize + GROUP - 1L) / GROUP * GROUP;
        return kvHeads * (padded * keyWidth + (long) blockSize * valueWidth) * precision.bytes();
    }

    private int blocksPerSlab(int elements) {
        long bytes = Math.max(1L, (long) elements * precision.bytes());
        if (bytes > Slab.MAX_BYTES) {
            throw new IllegalArgumentException("a cache block of " + kvHeads + " heads x " + blockSize
                    + " positions takes " + bytes + " bytes, more than a slab: use smaller blocks");
        }
        return (int) (Slab.MAX_BYTES / bytes);
    }

    private Slab[] allocate(int elements, int perSlab, String owner) {
        Slab[] slabs = new Slab[elements == 0 ? 0 : (blocks + perSlab - 1) / perSlab];
        for (int i = 0; i < slabs.length; i++) {
            long held = Math.min(perSlab, blocks - i * perSlab);
            slabs[i] = Slab.allocate(held * elements * precision.bytes(), owner);
        }
        return slabs;
    }

    public int blocks() {
        return blocks;
    }

    public int kvHeads() {
        return kvHeads;
    }

    /** Positions of a block. */
    public int blockSize() {
        return blockSize;
    }

    public int keyWidth() {
        return keyWidth;
    }

    public int valueWidth() {
        return valueWidth;
    }

    public Precision precision() {
        return precision;
    }

    /** Bytes held. */
    public long bytes() {
        return blocks * blockBytes(kvHeads, blockSize, keyWidth, valueWidth, precision);
    }

    /** The slab of a block's keys. */
    Slab keySlab(int block) {
        return keySlabs[block / keyBlocksPerSlab];
    }

    /** First element of a head's keys of a group of positions in {@link #keySlab}. */
    int keyOffset(int block, int kvHead, int group) {
        return block % keyBlocksPerSlab * keyElements + (kvHead * groups + group) * GROUP * keyWidth;
    }

    /** The slab of a block's values. */
    Slab valueSlab(int block) {
        return valueSlabs[block / valueBlocksPerSlab];
    }

    /** First element of a head's values in {@link #valueSlab}. */
    int valueOffset(int block, int kvHead) {
        return block % valueBlocksPerSlab * valueElements + kvHead * blockSize * valueWidth;
    }

    /**
     * Writes one position per row.
     *
     * @param keys {@code [rows, kvHeads * keyWidth]} of any column layout
     * @param values {@code [rows, kvHeads * valueWidth]} of any column layout
     * @param slots {@code block * blockSize + offset} of each row; a negative slot writes nothing
     */
    public void write(Workers workers, Matrix keys, Matrix values, int[] slots, int rows) {
        writeKeys = keys;
        writeValues = values;
        writeSlots = slots;
        writeRows = rows;
        workers.run(writeTask, (long) rows * kvHeads * (keyWidth + valueWidth));
    }

    private void writeShare(int worker, int all) {
        int from = (int) ((long) writeRows * worker / all);
        int to = (int) ((long) writeRows * (worker + 1) / all);
        for (int row = from; row < to; row++) {
            int slot = writeSlots[row];
            if (slot < 0) {
                continue;
            }
            int block = slot / blockSize;
            int position = slot % blockSize;
            for (int head = 0; head < kvHeads; head++) {
                writeKey(row, head, block, position);
                if (valueWidth > 0) {
                    writeValue(row, head, block, position);
                }
            }
        }
    }

    private void writeKey(int row, int head, int block, int position) {
        Slab target = keySlab(block);
        Slab source = writeKeys.slab();
        int to = keyOffset(block, head, position / GROUP) + position % GROUP;
        for (int d = 0; d < keyWidth; ) {
            int column = head * keyWidth + d;
            int from = writeKeys.at(row, column);
            int run = Math.min(keyWidth - d, writeKeys.run(column));
            for (int i = 0; i < run; i++) {
                put(target, to + (d + i) * GROUP, source.get(from + i));
            }
            d += run;
        }
    }

    private void writeValue(int row, int head, int block, int position) {
        Slab target = valueSlab(block);
        Slab source = writeValues.slab();
        int to = valueOffset(block, head) + position * valueWidth;
        for (int d = 0; d < valueWidth; ) {
            int column = head * valueWidth + d;
            int from = writeValues.at(row, column);
            int run = Math.min(valueWidth - d, writeValues.run(column));
            for (int i = 0; i < run; i++) {
                put(target, to + d + i, source.get(from + i));
            }
            d += run;
        }
    }

    private void put(Slab target, int index, float value) {
        if (precision == Precision.FP32) {
            target.set(index, value);
        } else {
            target.setShort(index, Bf16.fromFloat(value));
        }
    }

    /** Copies a block's keys and values over another's. */
    public void copyBlock(int from, int to) {
        if (kvHeads == 0) {
            return;
        }
        copy(keySlab(from), keyOffset(from, 0, 0), keySlab(to), keyOffset(to, 0, 0), keyElements);
        if (valueElements > 0) {
            copy(valueSlab(from), valueOffset(from, 0), valueSlab(to), valueOffset(to, 0), valueElements);
        }
    }

    private void copy(Slab source, int from, Slab target, int to, int elements) {
        int size = precision.bytes();
        target.bytes().put(to * size, source.bytes(), from * size, elements * size);
    }

    @Override
    public void close() {
        for (Slab slab : keySlabs) {
            slab.close();
        }
        for (Slab slab : valueSlabs) {
            slab.close();
        }
    }
}
