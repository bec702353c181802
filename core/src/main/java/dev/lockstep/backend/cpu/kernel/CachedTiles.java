package dev.lockstep.backend.cpu.kernel;

import dev.lockstep.backend.cpu.memory.Matrix;
import dev.lockstep.backend.cpu.memory.Slab;
import java.util.Arrays;

/**
 * One worker's tiles over the cached keys and values of one sequence. All tiles process a block before any processes
 * the next: a block's heads are adjacent, and memory is fast only when read in order. Integer keys and values are
 * converted once for all tiles of a head. Usage: {@link #begin}, {@link #tile} for each tile, which the caller fills,
 * {@link #run}.
 */
final class CachedTiles {

    private static final int GROUP = TileMath.GROUP;
    private final AttentionSpec spec;
    private AttentionTile[] tiles = new AttentionTile[0];
    private int[] kvHeads = new int[0];
    private int count;
    private KvCache cache;
    private int[] tables;
    private int table;
    /** A block's keys or values of one head converted to floats, for blocks that several queries read. */
    private float[] widened = new float[0];

    /** The slabs of the key groups, for keys that are also values. */
    private Slab[] groupSlabs = new Slab[64];

    private int[] groupOffsets = new int[64];
    private final DecodingHeads decoding = new DecodingHeads();
    /** Scales of a head's keys and values, starting at {@link #scalesFrom}. */
    private float[] keyScales = new float[256];

    private float[] valueScales = new float[256];
    private int scalesFrom;

    CachedTiles(AttentionSpec spec) {
        this.spec = spec;
    }

    /** @param firstBlock index of the sequence's first block in the block table */
    void begin(KvCache keysAndValues, int[] blockTables, int firstBlock) {
        cache = keysAndValues;
        tables = blockTables;
        table = firstBlock;
        count = 0;
    }

    /** Adds an empty tile for queries of this key-value head. Tiles of one head must be added one after another. */
    AttentionTile tile(int kvHead) {
        if (count == tiles.length) {
            grow();
        }
        kvHeads[count] = kvHead;
        AttentionTile tile = tiles[count++];
        tile.clear();
        return tile;
    }

    private void grow() {
        int length = Math.max(4, 2 * count);
        AttentionTile[] more = new AttentionTile[length];
        System.arraycopy(tiles, 0, more, 0, count);
        for (int i = count; i < length; i++) {
            more[i] = new AttentionTile(spec);
        }
        kvHeads = Arrays.copyOf(kvHeads, length);
        tiles = more;
    }

    /** Attends and writes the results of all tiles. */
    void run(int sequence, Matrix out) {
        int size = cache.blockSize();
        int firstBlock = Integer.MAX_VALUE;
        int endBlock = 0;
        for (int i = 0; i < count; i++) {
            tiles[i].begin(tiles[i].firstKey() / size * size);
            firstBlock = Math.min(firstBlock, tiles[i].firstKey() / size);
            endBlock = Math.max(endBlock, (tiles[i].endKey() + size - 1) / size);
        }
        if (decoding.take(cache, tiles, kvHeads, count)) {
            decoding.run(sequence, tables, table, firstBlock, endBlock);
            store(out);
            return;
        }
        if (size == GROUP) {
            for (int block = firstBlock; block < endBlock; block += 2) {
                scoreTwo(block, endBlock);
            }
        } else {
            for (int block = firstBlock; block < endBlock; block++) {
                score(block);
            }
        }
        softmax(sequence, firstBlock, endBlock);
        if (spec.valuesInKeys()) {
            for (int i = 0; i < count; i++) {
                addKeyValues(tiles[i], kvHeads[i]);
            }
        } else {
            for (int block = firstBlock; block < endBlock; block++) {
                addValues(block);
            }
        }
        store(out);
    }

    private void store(Matrix out) {
        for (int i = 0; i < count; i++) {
            tiles[i].store(out);
        }
    }

    private void softmax(int sequence, int firstBlock, int endBlock) {
        if (!cache.isScaled()) {
            for (int i = 0; i < count; i++) {
                tiles[i].softmax(sequence, null, null, 0);
            }
            return;
        }
        int head = -1;
        for (int i = 0; i < count; i++) {
            if (kvHeads[i] != head) {
                head = kvHeads[i];
                gatherScales(head, firstBlock, endBlock);
            }
            tiles[i].softmax(sequence, keyScales, spec.valuesInKeys() ? keyScales : valueScales, scalesFrom);
        }
    }

    /**
     * In ascending order: the scales of a block's last group may extend into the next block's, which then overwrite
     * them.
     */
    private void gatherScales(int kvHead, int firstBlock, int endBlock) {
        TileMath math = TileMath.best();
        int size = cache.blockSize();
        scalesFrom = firstBlock * size / GROUP * GROUP;
        int room = endBlock * size - scalesFrom + 2 * GROUP;
        if (keyScales.length < room) {
            keyScales = new float[2 * room];
            valueScales = new float[2 * room];
        }
        for (int b = firstBlock; b < endBlock; b++) {
            int block = tables[table + b];
            int at = b * size - scalesFrom;
            for (int group = 0; group * GROUP < size; group++) {
                int scales = cache.keyScales(block, kvHead, group);
                math.load(cache.keySlab(block), scales, 1f, keyScales, at + group * GROUP, GROUP);
            }
            if (!spec.valuesInKeys()) {
                math.load(cache.valueSlab(block), cache.valueScales(block, kvHead), 1f, valueScales, at, size);
            }
        }
    }

    /** Scores a block of one group together with the next block. */
    private void scoreTwo(int b, int endBlock) {
        int width = cache.keyWidth();
        int head = -1;
        for (int i = 0; i < count; i++) {
            AttentionTile tile = tiles[i];
            boolean first = sees(tile, b);
            boolean second = b + 1 < endBlock && sees(tile, b + 1);
            if (!widens(i)) {
                scoreOne(i, b, first);
                scoreOne(i, b + 1, second);
                continue;
            }
            if (kvHeads[i] != head) {
                head = kvHeads[i];
                ensureWidened(2 * GROUP * width);
                cache.widenKeys(tables[table + b], head, 0, widened, 0);
                if (b + 1 < endBlock) {
                    cache.widenKeys(tables[table + b + 1], head, 0, widened, GROUP * width);
                }
            }
            if (first) {
                tile.scorePair(widened, 0, second ? GROUP * width : 0, b * GROUP); // unseen keys are not read
            } else if (second) {
                tile.scorePair(widened, GROUP * width, GROUP * width, (b + 1) * GROUP);
            }
        }
    }

    private boolean sees(AttentionTile tile, int b) {
        int size = cache.blockSize();
        return tile.firstKey() < (b + 1) * size && b * size < tile.endKey();
    }

    private void scoreOne(int i, int b, boolean seen) {
        if (seen) {
            score(tiles[i], tables[table + b], kvHeads[i], 0, b * GROUP, false);
        }
    }

    private void score(int b) {
        int size = cache.blockSize();
        for (int group = 0; group * GROUP < size; group++) {
            int key = b * size + group * GROUP;
            int head = -1;
            for (int i = 0; i < count; i++) {
                AttentionTile tile = tiles[i];
                if (sees(tile, b) && key + GROUP > tile.firstKey() && key < tile.endKey()) {
                    boolean widens = widens(i);
                    if (widens && kvHeads[i] != head) {
                        head = kvHeads[i];
                        ensureWidened(GROUP * cache.keyWidth());
                        cache.widenKeys(tables[table + b], head, group, widened, 0);
                    }
                    score(tile, tables[table + b], kvHeads[i], group, key, widens);
                }
            }
        }
    }

    /**
     * Whether to convert a block. If few queries of a head read it, reading it directly is cheaper; for integers, up to
     * a whole tile.
     */
    private boolean widens(int i) {
        boolean alone = (i == 0 || kvHeads[i - 1] != kvHeads[i]) && (i + 1 == count || kvHeads[i + 1] != kvHeads[i]);
        return tiles[i].queries() > 2 && !(alone && cache.isScaled());
    }

    private void score(AttentionTile tile, int block, int kvHead, int group, int key, boolean widens) {
        Slab slab = cache.keySlab(block);
        if (widens) {
            tile.scorePair(widened, 0, 0, key); // the next group overwrites the second
        } else {
            int offset = cache.keyOffset(block, kvHead, group);
            tile.score(slab, offset, cache.keyStride(kvHead), cache.form(), key);
        }
    }

    private void addValues(int b) {
        int block = tables[table + b];
        int size = cache.blockSize();
        int width = spec.valueWidth();
        int head = -1;
        for (int i = 0; i < count; i++) {
            AttentionTile tile = tiles[i];
            int from = Math.max(tile.firstKey(), b * size);
            int end = Math.min(tile.endKey(), (b + 1) * size);
            if (from >= end) {
                continue;
            }
            int place = from - b * size;
            if (widens(i)) {
                if (kvHeads[i] != head) {
                    head = kvHeads[i];
                    ensureWidened(size * width);
                    cache.widenValues(block, head, size, widened);
                }
                tile.addValues(widened, place * width, width, from, end - from);
            } else {
                int at = cache.valueOffset(block, kvHeads[i]) + place * width;
                tile.addValues(cache.valueSlab(block), at, width, cache.form(), from, end - from);
            }
        }
    }

    private void ensureWidened(int floats) {
        if (widened.length < floats) {
            widened = new float[floats];
        }
    }

    /**
     * All groups are added in one call: sums then stay in registers over all keys and do not depend on where the keys
     * are.
     */
    private void addKeyValues(AttentionTile tile, int kvHead) {
        int size = cache.blockSize();
        int firstBlock = tile.firstKey() / size;
        int endBlock = (tile.endKey() + size - 1) / size;
        int most = (endBlock - firstBlock) * ((size + GROUP - 1) / GROUP);
        if (groupOffsets.length < most) {
            groupOffsets = new int[2 * most];
            groupSlabs = new Slab[2 * most];
        }
        tile.clearSurroundings();
        int groups = 0;
        for (int b = firstBlock; b < endBlock; b++) {
            int block = tables[table + b];
            Slab slab = cache.keySlab(block);
            int end = Math.min(tile.endKey() - b * size, size);
            for (int key = 0; key < end; key += GROUP) {
                groupSlabs[groups] = slab;
                groupOffsets[groups++] = cache.keyOffset(block, kvHead, key / GROUP);
            }
        }
        tile.addKeyValues(groupSlabs, groupOffsets, groups, cache.form(), firstBlock * size);
    }
}
