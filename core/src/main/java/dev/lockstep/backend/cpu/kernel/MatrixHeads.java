package dev.lockstep.backend.cpu.kernel;

import dev.lockstep.backend.cpu.memory.Matrix;
import dev.lockstep.backend.cpu.memory.Slab;

/**
 * One worker's attention for a range of key-value heads of one sequence, computed as matrix products. Queries, keys and
 * values are rounded to bf16 for all heads of the range at once, since they are adjacent in memory: reading head by
 * head would wait for memory at every row. Usage: {@link #takeRows} or {@link #takeBlocks}, then {@link #attend}.
 */
final class MatrixHeads {

    private static final int GROUP = TileMath.GROUP;
    /** Queries of a tile where each sees other keys: scores that no query wants are fewer. */
    private static final int FEW_QUERIES = 64;

    private final AttentionSpec spec;
    private final int[][] headsOfKv;
    private final MatrixScratch scratch;
    private final int worker;
    private final MatrixTile tile;
    private final Bf16Math bf16 = Bf16Math.best();
    private final TileMath math = TileMath.best();
    /** Scales of cached keys and values of a head. */
    private float[] keyScales = new float[0];

    private float[] valueScales = new float[0];
    private KvCache cache;
    private int[] tables;
    private int firstBlock;
    private int firstHead;
    private int endHead;
    private int firstKey;
    private int keys;

    /** @param headsOfKv local query heads of each key-value head */
    MatrixHeads(AttentionSpec spec, int[][] headsOfKv, MatrixScratch scratch, int worker) {
        this.spec = spec;
        this.headsOfKv = headsOfKv;
        this.scratch = scratch;
        this.worker = worker;
        boolean scattered = spec.right() != AttentionSpec.ALL && AttentionSpec.mostHeads(headsOfKv) == 1;
        this.tile = new MatrixTile(spec, scattered ? FEW_QUERIES : MatrixTile.MOST_QUERIES, scratch, worker);
    }

    /**
     * Keys and values that are rows of matrices.
     *
     * @param firstRow of the sequence
     * @param count keys
     */
    void takeRows(Matrix k, Matrix v, int firstRow, int count, int kvFrom, int kvTo) {
        cache = null;
        firstHead = kvFrom;
        endHead = kvTo;
        firstKey = 0;
        keys = (count + GROUP - 1) / GROUP * GROUP;
        int width = spec.queryWidth();
        int valueWidth = spec.valueWidth();
        Slab heldKeys = scratch.keys(worker);
        Slab heldValues = scratch.values(worker);
        for (int key = 0; key < count; key++) {
            for (int head = kvFrom; head < kvTo; head++) {
                int to = ((head - kvFrom) * keys + key) * width;
                bf16.round(k.slab(), k.at(firstRow + key, head * width), 1f, heldKeys, to, width);
            }
            for (int head = kvFrom; head < kvTo; head++) {
                int to = ((head - kvFrom) * keys + key) * valueWidth;
                bf16.round(v.slab(), v.at(firstRow + key, head * valueWidth), 1f, heldValues, to, valueWidth);
            }
        }
        clearValues(count);
    }

    /**
     * Cached keys and values, of whole blocks, which hold whole groups of keys.
     *
     * @param blocks of all sequences; {@code blocks[table]} is the sequence's first one
     * @param first the first key that is wanted
     * @param end one past the last
     */
    void takeBlocks(KvCache keysAndValues, int[] blocks, int table, int first, int end, int kvFrom, int kvTo) {
        cache = keysAndValues;
        tables = blocks;
        firstHead = kvFrom;
        endHead = kvTo;
        int size = cache.blockSize();
        int begin = Math.min(first, end) / size;
        firstBlock = table + begin;
        firstKey = begin * size;
        keys = (end + size - 1) / size * size - firstKey;
        for (int at = 0; at < keys; at += size) {
            int block = tables[firstBlock + at / size];
            for (int head = kvFrom; head < kvTo; head++) {
                takeKeys(block, head, at);
            }
            for (int head = kvFrom; head < kvTo; head++) {
                int valueWidth = spec.valueWidth();
                int to = ((head - firstHead) * keys + at) * valueWidth;
                int from = cache.valueOffset(block, head);
                bf16.round(cache.valueSlab(block), cache.form(), from, scratch.values(worker), to, size * valueWidth);
            }
        }
        clearValues(end - firstKey);
    }

    private void takeKeys(int block, int head, int at) {
        int width = spec.queryWidth();
        int to = (head - firstHead) * keys * width + at;
        for (int group = 0; group * GROUP < cache.blockSize(); group++) {
            int from = cache.keyOffset(block, head, group);
            bf16.roundGroups(
                    cache.keySlab(block),
                    cache.form(),
                    from,
                    cache.keyStride(head),
                    width,
                    scratch.keys(worker),
                    to + group * GROUP,
                    keys);
        }
    }

    /** Clears values that no query sees. They are multiplied too, by zero, so they must be finite. */
    private void clearValues(int from) {
        int width = spec.valueWidth();
        Slab values = scratch.values(worker);
        for (int head = 0; head < endHead - firstHead; head++) {
            for (int i = (head * keys + from) * width; i < (head + 1) * keys * width; i++) {
                values.setShort(i, (short) 0);
            }
        }
    }

    /**
     * Attends to what was taken.
     *
     * @param from the first query row of the sequence that is wanted
     * @param to one past the last
     * @param firstRow the sequence's first row among the step's
     * @param position of row 0 of the sequence
     * @param count keys of the sequence
     * @param hidden the first key that each row of the step may see, or null for 0
     */
    void attend(
            Matrix q, int sequence, int from, int to, int firstRow, int position, int count, int[] hidden, Matrix out) {
        takeQueries(q, firstRow + from, firstRow + to);
        int queriesAt = 0;
        for (int kvHead = firstHead; kvHead < endHead; kvHead++) {
            point(kvHead);
            tile.begin(queriesAt);
            int taken = 0;
            for (int row = from; row < to; row++) {
                int hides = hidden == null ? 0 : hidden[firstRow + row];
                for (int head : headsOfKv[kvHead]) {
                    tile.addQuery(firstRow + row, head, position + row, count, hides);
                    taken++;
                    if (tile.isFull()) {
                        tile.run(sequence, out);
                        taken = 0;
                    }
                }
            }
            if (taken > 0) {
                tile.run(sequence, out);
            }
            queriesAt += (to - from) * headsOfKv[kvHead].length * spec.queryWidth();
        }
    }

    /** Head by head, row by row. */
    private void takeQueries(Matrix q, int from, int to) {
        int width = spec.queryWidth();
        Slab held = scratch.queries(worker);
        for (int row = from; row < to; row++) {
            int before = 0;
            for (int kvHead = firstHead; kvHead < endHead; kvHead++) {
                int[] heads = headsOfKv[kvHead];
                int at = (before * (to - from) + (row - from) * heads.length) * width;
                for (int head : heads) {
                    bf16.round(q.slab(), q.at(row, head * width), spec.scale(), held, at, width);
                    at += width;
                }
                before += heads.length;
            }
        }
    }

    private void point(int kvHead) {
        int at = (kvHead - firstHead) * keys;
        boolean scaled = cache != null && cache.isScaled();
        if (scaled) {
            gatherScales(kvHead);
        }
        tile.keys(firstKey, keys, cache != null, at * spec.queryWidth(), scaled ? keyScales : null);
        tile.values(at * spec.valueWidth(), scaled ? valueScales : null);
    }

    private void gatherScales(int kvHead) {
        if (keyScales.length < keys) {
            keyScales = new float[2 * keys];
            valueScales = new float[2 * keys];
        }
        int size = cache.blockSize();
        for (int at = 0; at < keys; at += size) {
            int block = tables[firstBlock + at / size];
            for (int group = 0; group * GROUP < size; group++) {
                int from = cache.keyScales(block, kvHead, group);
                math.load(cache.keySlab(block), from, 1f, keyScales, at + group * GROUP, GROUP);
            }
            math.load(cache.valueSlab(block), cache.valueScales(block, kvHead), 1f, valueScales, at, size);
        }
    }
}
