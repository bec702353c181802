package dev.lockstep.backend.cpu.kernel;

import dev.lockstep.backend.Precision;
import dev.lockstep.backend.cpu.memory.Form;
import dev.lockstep.backend.cpu.memory.Int16;
import dev.lockstep.backend.cpu.memory.Matrix;
import dev.lockstep.backend.cpu.memory.Slab;
import dev.lockstep.backend.cpu.memory.Workers;

/**
 * The block pool of one attention layer on one rank. A block holds {@code blockSize} positions of all local key-value
 * heads: values as {@code [kvHead][blockSize][valueWidth]}, keys transposed in groups of {@link TileMath#GROUP}
 * positions as {@code [kvHead][group][keyWidth][GROUP]}, so that scores need no sums over lanes. A value width of 0
 * keeps keys alone. In bf16, elements are {@link Int16 integers}, and an fp32 scale of each position follows a head's
 * group of keys and a head's values. Lies in as many slabs as it needs. Who uses it closes it.
 */
public final class KvCache implements AutoCloseable {

    private static final int GROUP = TileMath.GROUP;

    private int blocks;
    private final int kvHeads;
    private final int blockSize;
    private final int keyWidth;
    private final int valueWidth;
    private final Precision precision;
    private final Form form;
    private final int groups;
    /** Elements of a head's keys of a group and of a head's values of a block, with their scales. */
    private final int keyGroup;

    private final int valueHead;
    private final int keyElements;
    private final int valueElements;
    private final int keyBlocksPerSlab;
    private final int valueBlocksPerSlab;
    private Slab[] keySlabs = new Slab[0];
    private Slab[] valueSlabs = new Slab[0];
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
        this.kvHeads = kvHeads;
        this.blockSize = blockSize;
        this.keyWidth = keyWidth;
        this.valueWidth = valueWidth;
        this.precision = precision;
        this.form = Form.ofCaches(precision);
        this.groups = (blockSize + GROUP - 1) / GROUP;
        this.keyGroup = Math.toIntExact(elements(GROUP, keyWidth, form));
        this.valueHead = Math.toIntExact(elements(blockSize, valueWidth, form));
        this.keyElements = Math.toIntExact((long) kvHeads * groups * keyGroup);
        this.valueElements = Math.toIntExact((long) kvHeads * valueHead);
        this.keyBlocksPerSlab = blocksPerSlab(keyElements);
        this.valueBlocksPerSlab = blocksPerSlab(valueElements);
        resize(blocks);
    }

    /**
     * Gives the pool so many blocks instead of those it has, whose content is lost.
     *
     * @throws OutOfMemoryError when there is not as much memory; the pool then has no blocks
     */
    public void resize(int newBlocks) {
        close();
        blocks = 0;
        keySlabs = new Slab[slabs(keyElements, keyBlocksPerSlab, newBlocks)];
        valueSlabs = new Slab[slabs(valueElements, valueBlocksPerSlab, newBlocks)];
        try {
            fill(keySlabs, keyElements, keyBlocksPerSlab, newBlocks, "cached keys");
            fill(valueSlabs, valueElements, valueBlocksPerSlab, newBlocks, "cached values");
        } catch (RuntimeException | Error failed) {
            close();
            throw failed;
        }
        blocks = newBlocks;
    }

    /** Bytes of one block of such a pool. */
    public static long blockBytes(int kvHeads, int blockSize, int keyWidth, int valueWidth, Precision precision) {
        Form form = Form.ofCaches(precision);
        long groups = (blockSize + GROUP - 1L) / GROUP;
        long elements = groups * elements(GROUP, keyWidth, form) + elements(blockSize, valueWidth, form);
        return kvHeads * elements * form.bytes();
    }

    /** Elements that a head's vectors of some positions take, with a scale for each where the form has scales. */
    private static long elements(int positions, int width, Form form) {
        long elements = (long) positions * width;
        if (form != Form.INT16 || width == 0) {
            return elements;
        }
        int perScale = Float.BYTES / form.bytes();
        return scalesAt(elements) * perScale + (long) positions * perScale;
    }

    /** Where scales lie after this many 16-bit elements, in floats. */
    private static long scalesAt(long elements) {
        return (elements + 1) / 2;
    }

    private int blocksPerSlab(int elements) {
        long bytes = Math.max(1L, (long) elements * form.bytes());
        if (bytes > Slab.MAX_BYTES) {
            throw new IllegalArgumentException("a cache block of " + kvHeads + " heads x " + blockSize
                    + " positions takes " + bytes + " bytes, more than a slab: use smaller blocks");
        }
        return (int) (Slab.MAX_BYTES / bytes);
    }

    private static int slabs(int elements, int perSlab, int blocks) {
        return elements == 0 ? 0 : (int) (((long) blocks + perSlab - 1) / perSlab);
    }

    private void fill(Slab[] slabs, int elements, int perSlab, int blocks, String owner) {
        for (int i = 0; i < slabs.length; i++) {
            long held = Math.min(perSlab, blocks - (long) i * perSlab);
            slabs[i] = Slab.allocate(held * elements * form.bytes(), owner);
        }
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

    /** How elements are stored. */
    Form form() {
        return form;
    }

    /** Whether elements are to be multiplied by the scales of their positions. */
    boolean isScaled() {
        return form == Form.INT16;
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
        return block % keyBlocksPerSlab * keyElements + (kvHead * groups + group) * keyGroup;
    }

    /** First scale of a head's keys of a group of positions in {@link #keySlab}, in floats. */
    int keyScales(int block, int kvHead, int group) {
        return (int) scalesAt(keyOffset(block, kvHead, group) + GROUP * keyWidth);
    }

    /** The slab of a block's values. */
    Slab valueSlab(int block) {
        return valueSlabs[block / valueBlocksPerSlab];
    }

    /** First element of a head's values in {@link #valueSlab}. */
    int valueOffset(int block, int kvHead) {
        return block % valueBlocksPerSlab * valueElements + kvHead * valueHead;
    }

    /** First scale of a head's values in {@link #valueSlab}, in floats. */
    int valueScales(int block, int kvHead) {
        return (int) scalesAt(valueOffset(block, kvHead) + blockSize * valueWidth);
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
        int to = keyOffset(block, head, position / GROUP) + position % GROUP;
        float scale = 0;
        if (isScaled()) {
            scale = scale(writeKeys, row, head * keyWidth, keyWidth);
            target.set(keyScales(block, head, position / GROUP) + position % GROUP, scale);
        }
        write(writeKeys, row, head * keyWidth, keyWidth, target, to, GROUP, scale);
    }

    private void writeValue(int row, int head, int block, int position) {
        Slab target = valueSlab(block);
        int to = valueOffset(block, head) + position * valueWidth;
        float scale = 0;
        if (isScaled()) {
            scale = scale(writeValues, row, head * valueWidth, valueWidth);
            target.set(valueScales(block, head) + position, scale);
        }
        write(writeValues, row, head * valueWidth, valueWidth, target, to, 1, scale);
    }

    /** The scale of a head's vector in a row of this matrix. */
    private static float scale(Matrix source, int row, int first, int width) {
        float largest = 0;
        for (int d = 0; d < width; ) {
            int from = source.at(row, first + d);
            int run = Math.min(width - d, source.run(first + d));
            for (int i = 0; i < run; i++) {
                largest = Math.max(largest, Math.abs(source.slab().get(from + i)));
            }
            d += run;
        }
        return Int16.scale(largest);
    }

    /** Writes a head's vector, elements {@code stride} apart. */
    private void write(Matrix source, int row, int first, int width, Slab target, int to, int stride, float scale) {
        for (int d = 0; d < width; ) {
            int from = source.at(row, first + d);
            int run = Math.min(width - d, source.run(first + d));
            for (int i = 0; i < run; i++) {
                float value = source.slab().get(from + i);
                if (isScaled()) {
                    target.setShort(to + (d + i) * stride, Int16.of(value, scale));
                } else {
                    target.set(to + (d + i) * stride, value);
                }
            }
            d += run;
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
        int size = form.bytes();
        target.bytes().put(to * size, source.bytes(), from * size, elements * size);
    }

    @Override
    public void close() {
        close(keySlabs);
        close(valueSlabs);
    }

    private static void close(Slab[] slabs) {
        for (Slab slab : slabs) {
            if (slab != null) {
                slab.close();
            }
        }
    }
}
