package dev.lockstep.backend.cpu.kernel;

import dev.lockstep.backend.cpu.memory.Slab;

/**
 * One worker's attention for decode steps: tiles of one query each, for consecutive key-value heads that see the same
 * keys. It processes block by block, all heads of a block together.
 */
final class DecodingHeads {

    private static final int GROUP = TileMath.GROUP;

    private final HeadMath math = HeadMath.best();
    private final TileMath tileMath = TileMath.best();
    private final float[] factors = new float[GROUP];
    private float[][] queries = new float[0][];
    private float[][] scores = new float[0][];
    private float[][] sums = new float[0][];
    private AttentionTile[] tiles;
    private int count;
    private int firstHead;
    private KvCache cache;

    /** Whether these tiles have that form; if so, takes them. */
    boolean take(KvCache keysAndValues, AttentionTile[] all, int[] kvHeads, int number) {
        boolean fits = math != null
                && number > 0
                && keysAndValues.blockSize() == GROUP
                && keysAndValues.valueWidth() > 0
                && math.takes(keysAndValues.valueWidth());
        for (int i = 0; i < number && fits; i++) {
            fits = all[i].queries() == 1
                    && kvHeads[i] == kvHeads[0] + i
                    && all[i].firstKey() == all[0].firstKey()
                    && all[i].endKey() == all[0].endKey();
        }
        if (fits) {
            begin(keysAndValues, all, kvHeads[0], number);
        }
        return fits;
    }

    private void begin(KvCache keysAndValues, AttentionTile[] all, int kvHead, int number) {
        cache = keysAndValues;
        tiles = all;
        firstHead = kvHead;
        count = number;
        if (queries.length < count) {
            queries = new float[count][];
            scores = new float[count][];
            sums = new float[count][];
        }
        for (int i = 0; i < count; i++) {
            queries[i] = tiles[i].queryValues();
            scores[i] = tiles[i].scores();
            sums[i] = tiles[i].sums();
        }
    }

    /**
     * Computes attention; the tiles still have to be stored.
     *
     * @param tables of all sequences; {@code tables[table]} is the sequence's first block
     */
    void run(int sequence, int[] tables, int table, int firstBlock, int endBlock) {
        for (int b = firstBlock; b < endBlock; b++) {
            score(tables[table + b], b * GROUP);
        }
        for (int i = 0; i < count; i++) {
            tiles[i].softmax(sequence, null, null, 0);
        }
        for (int b = firstBlock; cache.isScaled() && b < endBlock; b++) {
            // All of a block before any is read back: a number just stored in a vector is not there yet by itself.
            int block = tables[table + b];
            int first = cache.valueScales(block, firstHead);
            int distance = cache.valueScales(block, firstHead + 1) - first;
            math.scale(scores, count, b * GROUP - tiles[0].base(), cache.valueSlab(block), first, distance);
        }
        for (int b = firstBlock; b < endBlock; b++) {
            addValues(tables[table + b], b * GROUP);
        }
    }

    private void score(int block, int key) {
        Slab slab = cache.keySlab(block);
        int fours = cache.fours(firstHead, count);
        int keyStride = cache.keyStride(firstHead);
        int to = key - tiles[0].base();
        if (fours > 0) {
            int at = cache.keyOffset(block, firstHead, 0);
            int headStride = cache.keyOffset(block, firstHead + 1, 0) - at;
            int fourStride = cache.keyOffset(block, firstHead + 4, 0) - at;
            int from = cache.isScaled() ? cache.keyScales(block, firstHead, 0) : -1;
            int next = cache.isScaled() ? cache.keyScales(block, firstHead + 4, 0) - from : 0;
            math.scores(
                    cache.form(),
                    queries,
                    fours,
                    cache.keyWidth(),
                    slab,
                    at,
                    fourStride,
                    headStride,
                    keyStride,
                    from,
                    next,
                    scores,
                    to);
        }
        for (int i = fours; i < count; i++) {
            int head = firstHead + i;
            int offset = cache.keyOffset(block, head, 0);
            tiles[i].score(slab, offset, cache.keyStride(head), cache.form(), key);
            if (cache.isScaled()) {
                tileMath.load(slab, cache.keyScales(block, head, 0), 1f, factors, 0, GROUP);
                tileMath.multiply(scores[i], to, factors, 0, GROUP);
            }
        }
    }

    private void addValues(int block, int key) {
        int from = Math.max(tiles[0].firstKey(), key);
        int end = Math.min(tiles[0].endKey(), key + GROUP);
        if (from < end) {
            int width = cache.valueWidth();
            int first = cache.valueOffset(block, firstHead);
            int headStride = cache.valueOffset(block, firstHead + 1) - first;
            int at = first + (from - key) * width;
            int weights = from - tiles[0].base();
            Slab slab = cache.valueSlab(block);
            math.accumulate(cache.form(), scores, count, weights, end - from, slab, at, headStride, width, sums);
        }
    }
}
