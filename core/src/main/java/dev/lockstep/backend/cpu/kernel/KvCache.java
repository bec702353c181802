package dev.lockstep.backend.cpu.kernel;

import dev.lockstep.backend.CacheType;
import dev.lockstep.backend.cpu.memory.Form;
import dev.lockstep.backend.cpu.memory.Matrix;
import dev.lockstep.backend.cpu.memory.Memory;
import dev.lockstep.backend.cpu.memory.Slab;
import dev.lockstep.backend.cpu.memory.Workers;
import java.util.Arrays;

/**
 * The block pool of one attention layer on one rank: a paged KV cache. A block holds {@code blockSize} positions of all
 * local key-value heads. The user of the cache closes it. Layout:
 *
 * <ul>
 *   <li>Values are {@code [kvHead][blockSize][valueWidth]}. With a value width of 0, only keys are stored.
 *   <li>Keys are transposed in groups of {@link TileMath#GROUP} positions, {@code [kvHead][group][keyWidth][GROUP]}, so
 *       that scores need no sums over lanes.
 *   <li>In integer formats, keys of four heads are interleaved, {@code [kvHead / 4][group][keyWidth][4][GROUP]}, for as
 *       many complete sets of four as there are. A decode step then reads memory in order with four accumulators.
 *   <li>In integer formats, an fp32 scale per position follows a head's group of keys and a head's values. A vector
 *       with non-finite numbers has a non-finite scale and reads as NaN.
 *   <li>The pool takes as many slabs as it needs.
 * </ul>
 */
public final class KvCache implements AutoCloseable {

    private static final int GROUP = TileMath.GROUP;
    /** Heads whose keys are interleaved. */
    private static final int QUAD = 4;

    private int blocks;
    private final Memory memory;
    private final int kvHeads;
    private final int blockSize;
    private final int keyWidth;
    private final int valueWidth;
    private final CacheType type;
    private final Form form;
    private final int groups;
    /** Elements of a head's keys of a group and of a head's values of a block, with their scales. */
    private final int keyGroup;

    /** The first of the heads whose keys are not interleaved. */
    private final int quadHeads;

    private final int valueHead;
    private final int keyElements;
    private final int valueElements;
    private final int keyBlocksPerSlab;
    private final int valueBlocksPerSlab;
    private Slab[] keySlabs = new Slab[0];
    private Slab[] valueSlabs = new Slab[0];
    private final Integers integers = Integers.best();
    /** By worker. */
    private KvWriter[] writers = new KvWriter[0];

    private final Workers.Task writeTask = this::writeShare;
    private Matrix writeKeys;
    private Matrix writeValues;
    private int[] writeSlots;
    private int writeRows;

    /**
     * Allocates the pool.
     *
     * @param blocks number of blocks; block ids are below it
     * @param kvHeads local key-value heads; 0 is allowed
     * @throws IllegalArgumentException when one block is larger than a slab
     */
    public KvCache(
            int blocks, int kvHeads, int blockSize, int keyWidth, int valueWidth, CacheType type, Memory memory) {
        this(blocks, kvHeads, blockSize, keyWidth, valueWidth, type, memory, Slab.MAX_BYTES);
    }

    /** @param slabBytes the most bytes of a slab */
    KvCache(
            int blocks,
            int kvHeads,
            int blockSize,
            int keyWidth,
            int valueWidth,
            CacheType type,
            Memory memory,
            int slabBytes) {
        this.memory = memory;
        this.kvHeads = kvHeads;
        this.blockSize = blockSize;
        this.keyWidth = keyWidth;
        this.valueWidth = valueWidth;
        this.type = valueWidth == 0 ? type.ofLatents() : type;
        this.form = Form.ofCaches(this.type);
        this.groups = (blockSize + GROUP - 1) / GROUP;
        this.keyGroup = Math.toIntExact(elements(GROUP, keyWidth, form));
        this.quadHeads = this.type.isScaled() && valueWidth > 0 ? kvHeads / QUAD * QUAD : 0;
        this.valueHead = Math.toIntExact(elements(blockSize, valueWidth, form));
        this.keyElements = Math.toIntExact((long) kvHeads * groups * keyGroup);
        this.valueElements = Math.toIntExact((long) kvHeads * valueHead);
        this.keyBlocksPerSlab = blocksPerSlab(keyElements, slabBytes);
        this.valueBlocksPerSlab = blocksPerSlab(valueElements, slabBytes);
        resize(blocks);
    }

    /**
     * Replaces the blocks by this many new ones; their contents are lost.
     *
     * @throws dev.lockstep.backend.OutOfMemoryException when there is not enough memory; the pool then has no blocks
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
    public static long blockBytes(int kvHeads, int blockSize, int keyWidth, int valueWidth, CacheType type) {
        Form form = Form.ofCaches(valueWidth == 0 ? type.ofLatents() : type);
        long groups = (blockSize + GROUP - 1L) / GROUP;
        long elements = groups * elements(GROUP, keyWidth, form) + elements(blockSize, valueWidth, form);
        return kvHeads * elements * form.bytes();
    }

    /** Elements that a head's vectors of some positions take, with a scale for each where the form has scales. */
    private static long elements(int positions, int width, Form form) {
        long elements = (long) positions * width;
        if (form == Form.FP32 || form == Form.FP16 || width == 0) {
            return elements;
        }
        int perScale = Float.BYTES / form.bytes();
        return (scalesAt(elements, form) + positions) * perScale;
    }

    /** The index, in floats, of scales that follow this many elements. */
    private static long scalesAt(long elements, Form form) {
        int perScale = Float.BYTES / form.bytes();
        return (elements + perScale - 1) / perScale;
    }

    private int blocksPerSlab(int elements, int slabBytes) {
        long bytes = Math.max(1L, (long) elements * form.bytes());
        if (bytes > slabBytes) {
            throw new IllegalArgumentException("a cache block of " + kvHeads + " heads x " + blockSize
                    + " positions takes " + bytes + " bytes, more than a slab: use smaller blocks");
        }
        return (int) (slabBytes / bytes);
    }

    private static int slabs(int elements, int perSlab, int blocks) {
        return elements == 0 ? 0 : (int) (((long) blocks + perSlab - 1) / perSlab);
    }

    private void fill(Slab[] slabs, int elements, int perSlab, int blocks, String owner) {
        for (int i = 0; i < slabs.length; i++) {
            long held = Math.min(perSlab, blocks - (long) i * perSlab);
            slabs[i] = memory.allocate(held * elements * form.bytes(), owner);
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

    public CacheType type() {
        return type;
    }

    /** How elements are stored. */
    Form form() {
        return form;
    }

    /** Whether elements must be multiplied by the scales of their positions. */
    boolean isScaled() {
        return type.isScaled();
    }

    /** Bytes held. */
    public long bytes() {
        return blocks * blockBytes(kvHeads, blockSize, keyWidth, valueWidth, type);
    }

    /** The slab of a block's keys. */
    Slab keySlab(int block) {
        return keySlabs[block / keyBlocksPerSlab];
    }

    /** First element of a head's keys of a group of positions in {@link #keySlab}. */
    int keyOffset(int block, int kvHead, int group) {
        int first = block % keyBlocksPerSlab * keyElements;
        if (kvHead >= quadHeads) {
            return first + (kvHead * groups + group) * keyGroup;
        }
        return first + (kvHead / QUAD * groups + group) * QUAD * keyGroup + kvHead % QUAD * GROUP;
    }

    /** Elements from one dimension of a group of keys to the next. */
    int keyStride(int kvHead) {
        return kvHead < quadHeads ? QUAD * GROUP : GROUP;
    }

    /** How many of these heads, starting at this one, can be processed in fours: their keys are at equal distances. */
    int fours(int kvHead, int heads) {
        if (kvHead >= quadHeads) {
            return heads / QUAD * QUAD;
        }
        return kvHead % QUAD == 0 ? Math.min(heads, quadHeads - kvHead) / QUAD * QUAD : 0;
    }

    /** First scale of a head's keys of a group of positions in {@link #keySlab}, in floats. */
    int keyScales(int block, int kvHead, int group) {
        if (kvHead >= quadHeads) {
            return (int) scalesAt(keyOffset(block, kvHead, group) + GROUP * keyWidth, form);
        }
        int inQuad = kvHead % QUAD;
        return (int) scalesAt(keyOffset(block, kvHead - inQuad, group) + QUAD * GROUP * keyWidth, form)
                + inQuad * GROUP;
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
        return (int) scalesAt(valueOffset(block, kvHead) + blockSize * valueWidth, form);
    }

    /**
     * A head's keys of a group as floats without their scales.
     *
     * @param target receives {@code [keyWidth][GROUP]}
     * @param to its first float
     */
    void widenKeys(int block, int kvHead, int group, float[] target, int to) {
        integers.widenGroups(
                keySlab(block), form, keyOffset(block, kvHead, group), keyStride(kvHead), keyWidth, target, to);
    }

    /**
     * A head's values of a block's first positions as floats without their scales.
     *
     * @param target receives {@code [positions][valueWidth]} from 0 on
     */
    void widenValues(int block, int kvHead, int positions, float[] target) {
        int at = valueOffset(block, kvHead);
        integers.widen(valueSlab(block), form, at, positions * valueWidth, target, 0);
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
        readyWriters(workers.threads());
        workers.run(writeTask, (long) rows * kvHeads * (keyWidth + valueWidth));
    }

    private void writeShare(int worker, int all) {
        int from = (int) ((long) writeRows * worker / all);
        int to = (int) ((long) writeRows * (worker + 1) / all);
        writers[worker].write(writeKeys, writeValues, writeSlots, 0, from, to);
    }

    /** Makes sure that each of this many workers has a writer; must be called by one thread at a time. */
    public void readyWriters(int workers) {
        int there = writers.length;
        if (there < workers) {
            writers = Arrays.copyOf(writers, workers);
            for (int i = there; i < workers; i++) {
                writers[i] = new KvWriter(this);
            }
        }
    }

    /** A worker's writer, made by {@link #readyWriters}. Workers may write different rows at the same time. */
    public KvWriter writer(int worker) {
        return writers[worker];
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
