package dev.lockstep.backend.cpu.kernel;

import dev.lockstep.backend.cpu.memory.Matrix;
import dev.lockstep.backend.cpu.memory.Slab;
import dev.lockstep.backend.cpu.memory.Workers;

/**
 * Attention of query rows over keys and values in a paged cache: self-attention of decoders (the step's own keys are
 * written first) and cross-attention. Sequences lie flat. One object per layer shape and rank; not for several threads
 * at once.
 */
public final class PagedAttention implements AutoCloseable {

    private static final int CHUNK_ROWS = 32;
    /** Items of a step for each worker, at least: so that all end together. */
    private static final int ITEMS_PER_WORKER = 4;

    private final Workers workers;
    private final AttentionSpec spec;
    private final int[][] headsOfKv;
    private final AttentionTile[] tiles;
    /** Each worker's tiles by key-value head, for sequences with few rows. */
    private final AttentionTile[][] headTiles;

    private final AttentionItems items;
    private final Workers.Task task = this::share;
    private Matrix q;
    private Matrix out;
    private KvCache cache;
    private int[] queryOffsets;
    private int[] keyLengths;
    private int[] tables;
    private int[] tableOffsets;
    private int[] hiddenKeys;
    private final int[][] groupOffsets;

    /**
     * Prepares the layer.
     *
     * @param kvHeads local key-value heads of the cache
     */
    public PagedAttention(Workers workers, AttentionSpec spec, int kvHeads) {
        this.workers = workers;
        this.spec = spec;
        this.headsOfKv = spec.headsOfKv(kvHeads);
        this.tiles = new AttentionTile[workers.threads()];
        this.headTiles = new AttentionTile[workers.threads()][kvHeads];
        this.groupOffsets = new int[workers.threads()][64];
        this.items = new AttentionItems(CHUNK_ROWS, spec.valuesInKeys() ? 0 : TileMath.QUERIES / mostHeads());
        for (int i = 0; i < tiles.length; i++) {
            tiles[i] = new AttentionTile(spec);
            for (int head = 0; head < kvHeads; head++) {
                headTiles[i][head] = new AttentionTile(spec);
            }
        }
    }

    /** Heads that share a key-value head, at most. */
    private int mostHeads() {
        int most = 1;
        for (int[] heads : headsOfKv) {
            most = Math.max(most, heads.length);
        }
        return most;
    }

    /**
     * Runs a step. Key j of sequence s is at offset {@code j % blockSize} of block {@code tables[tableOffsets[s] + j /
     * blockSize]}; the sequence's last query stands at its last key. Blocks before the first key that some row sees are not
     * looked at: tables may begin behind them.
     *
     * @param queries {@code [rows, heads * queryWidth]}, each head contiguous
     * @param rowOffsets sequence s has the query rows {@code [rowOffsets[s], rowOffsets[s + 1])}
     * @param lengths keys of each sequence; a sequence without keys yields zeros
     * @param target {@code [rows, heads * valueWidth]}, each head contiguous
     */
    public void run(
            Matrix queries,
            KvCache keysAndValues,
            int sequences,
            int[] rowOffsets,
            int[] lengths,
            int[] blockTables,
            int[] blockTableOffsets,
            Matrix target) {
        run(queries, keysAndValues, sequences, rowOffsets, lengths, blockTables, blockTableOffsets, null, target);
    }

    /**
     * As above, where rows may not see the first keys of their sequence.
     *
     * @param firstKeys the first key that each row may see, or null for 0
     */
    public void run(
            Matrix queries,
            KvCache keysAndValues,
            int sequences,
            int[] rowOffsets,
            int[] lengths,
            int[] blockTables,
            int[] blockTableOffsets,
            int[] firstKeys,
            Matrix target) {
        if (spec.heads() == 0 || sequences == 0) {
            return;
        }
        int cachedValue = spec.valuesInKeys() ? 0 : spec.valueWidth();
        if (keysAndValues.keyWidth() != spec.queryWidth() || keysAndValues.valueWidth() != cachedValue) {
            throw new IllegalArgumentException("attention of widths " + spec.queryWidth() + " and "
                    + cachedValue + " cannot read a cache of widths " + keysAndValues.keyWidth() + " and "
                    + keysAndValues.valueWidth());
        }
        if (spec.valuesInKeys() && keysAndValues.blockSize() % TileMath.GROUP != 0) {
            throw new IllegalArgumentException("values in keys need blocks of a multiple of " + TileMath.GROUP
                    + " positions, found " + keysAndValues.blockSize());
        }
        Norms.checkContiguous(queries, spec.heads(), spec.queryWidth());
        Norms.checkContiguous(target, spec.heads(), spec.valueWidth());
        q = queries;
        out = target;
        cache = keysAndValues;
        queryOffsets = rowOffsets;
        keyLengths = lengths;
        tables = blockTables;
        tableOffsets = blockTableOffsets;
        hiddenKeys = firstKeys;
        items.reset(sequences, rowOffsets, headsOfKv.length, workers.threads() * ITEMS_PER_WORKER);
        workers.run(task, work(sequences));
    }

    private long work(int sequences) {
        long work = 0;
        for (int s = 0; s < sequences; s++) {
            work += (long) (queryOffsets[s + 1] - queryOffsets[s]) * keyLengths[s];
        }
        return work * spec.heads() * (spec.queryWidth() + spec.valueWidth()) / 4;
    }

    private void share(int worker, int all) {
        AttentionTile tile = tiles[worker];
        int sequence = 0;
        for (int item = items.take(); item >= 0; item = items.take()) {
            sequence = items.sequenceOf(item, sequence);
            int rows = queryOffsets[sequence + 1] - queryOffsets[sequence];
            int within = items.within(item, sequence);
            if (items.isFew(rows)) {
                int heads = headsOfKv.length;
                int ranges = items.ranges();
                blockwise(headTiles[worker], sequence, heads * within / ranges, heads * (within + 1) / ranges);
                continue;
            }
            int chunks = items.chunks(rows);
            int from = within % chunks * items.chunkRows();
            rows(worker, tile, sequence, within / chunks, from, Math.min(rows, from + items.chunkRows()));
        }
    }

    /**
     * All rows of a sequence and a range of key-value heads, one block of the cache after the other: a block's heads lie
     * side by side, and memory is fast only where it is read in order.
     */
    private void blockwise(AttentionTile[] heads, int sequence, int fromHead, int toHead) {
        int rows = queryOffsets[sequence + 1] - queryOffsets[sequence];
        for (int kvHead = fromHead; kvHead < toHead; kvHead++) {
            AttentionTile tile = heads[kvHead];
            tile.clear();
            for (int row = 0; row < rows; row++) {
                for (int head : headsOfKv[kvHead]) {
                    addQuery(tile, sequence, row, head);
                }
            }
        }
        AttentionTile any = heads[fromHead];
        int size = cache.blockSize();
        int firstBlock = any.firstKey() / size;
        int endBlock = (any.endKey() + size - 1) / size;
        for (int kvHead = fromHead; kvHead < toHead; kvHead++) {
            heads[kvHead].begin(firstBlock * size);
        }
        for (int b = firstBlock; b < endBlock; b++) {
            for (int kvHead = fromHead; kvHead < toHead; kvHead++) {
                scoreBlock(heads[kvHead], sequence, kvHead, b);
            }
        }
        for (int kvHead = fromHead; kvHead < toHead; kvHead++) {
            heads[kvHead].softmax(sequence);
        }
        for (int b = firstBlock; b < endBlock; b++) {
            for (int kvHead = fromHead; kvHead < toHead; kvHead++) {
                addValues(heads[kvHead], tableOffsets[sequence], kvHead, b);
            }
        }
        for (int kvHead = fromHead; kvHead < toHead; kvHead++) {
            heads[kvHead].store(out);
        }
    }

    private void addQuery(AttentionTile tile, int sequence, int row, int head) {
        int first = queryOffsets[sequence];
        int keys = keyLengths[sequence];
        int position = keys - (queryOffsets[sequence + 1] - first);
        int hidden = hiddenKeys == null ? 0 : hiddenKeys[first + row];
        tile.addQuery(q, first + row, head, position + row, keys, hidden);
    }

    private void rows(int worker, AttentionTile tile, int sequence, int kvHead, int from, int to) {
        tile.clear();
        for (int row = from; row < to; row++) {
            for (int head : headsOfKv[kvHead]) {
                addQuery(tile, sequence, row, head);
                if (tile.isFull()) {
                    compute(worker, tile, sequence, kvHead);
                }
            }
        }
        if (!tile.isEmpty()) {
            compute(worker, tile, sequence, kvHead);
        }
    }

    private void compute(int worker, AttentionTile tile, int sequence, int kvHead) {
        int size = cache.blockSize();
        int table = tableOffsets[sequence];
        int firstBlock = tile.firstKey() / size;
        int endBlock = (tile.endKey() + size - 1) / size;
        tile.begin(firstBlock * size);
        for (int b = firstBlock; b < endBlock; b++) {
            scoreBlock(tile, sequence, kvHead, b);
        }
        tile.softmax(sequence);
        if (spec.valuesInKeys()) {
            addKeyValues(worker, tile, table, kvHead, firstBlock, endBlock);
        } else {
            for (int b = firstBlock; b < endBlock; b++) {
                addValues(tile, table, kvHead, b);
            }
        }
        tile.store(out);
        tile.clear();
    }

    private void scoreBlock(AttentionTile tile, int sequence, int kvHead, int b) {
        int size = cache.blockSize();
        int block = tables[tableOffsets[sequence] + b];
        int end = Math.min(tile.endKey(), (b + 1) * size);
        int group = 0;
        for (int key = b * size; key < end; key += TileMath.GROUP) {
            if (key + TileMath.GROUP > tile.firstKey()) {
                score(tile, block, kvHead, group, key);
            }
            group++;
        }
    }

    private void score(AttentionTile tile, int block, int kvHead, int group, int key) {
        Slab slab = cache.keySlab(block);
        tile.score(slab, cache.keyOffset(block, kvHead, group), cache.form(), key);
        if (cache.isScaled()) {
            tile.scale(slab, cache.keyScales(block, kvHead, group), key, TileMath.GROUP);
        }
    }

    private void addValues(AttentionTile tile, int table, int kvHead, int b) {
        int size = cache.blockSize();
        int width = spec.valueWidth();
        int block = tables[table + b];
        int from = Math.max(tile.firstKey(), b * size);
        int end = Math.min(tile.endKey(), (b + 1) * size);
        int offset = cache.valueOffset(block, kvHead) + (from - b * size) * width;
        if (cache.isScaled()) {
            int scales = cache.valueScales(block, kvHead) + from - b * size;
            tile.scale(cache.valueSlab(block), scales, from, end - from);
        }
        tile.addValues(cache.valueSlab(block), offset, width, cache.form(), from, end - from);
    }

    /** Groups of one slab are added together: sums then stay in registers over many keys. */
    private void addKeyValues(int worker, AttentionTile tile, int table, int kvHead, int firstBlock, int endBlock) {
        int size = cache.blockSize();
        int perBlock = (size + TileMath.GROUP - 1) / TileMath.GROUP;
        int[] offsets = groupOffsets[worker];
        if (offsets.length < (endBlock - firstBlock) * perBlock) {
            offsets = new int[2 * (endBlock - firstBlock) * perBlock];
            groupOffsets[worker] = offsets;
        }
        if (cache.isScaled()) {
            scaleByKeys(tile, table, kvHead, firstBlock, endBlock);
        }
        tile.clearSurroundings();
        int next = firstBlock;
        while (next < endBlock) {
            Slab slab = cache.keySlab(tables[table + next]);
            int first = next;
            int groups = 0;
            while (next < endBlock && cache.keySlab(tables[table + next]) == slab) {
                int end = Math.min(tile.endKey() - next * size, size);
                for (int key = 0; key < end; key += TileMath.GROUP) {
                    offsets[groups++] = cache.keyOffset(tables[table + next], kvHead, key / TileMath.GROUP);
                }
                next++;
            }
            tile.addKeyValues(slab, offsets, groups, cache.form(), first * size);
        }
    }

    private void scaleByKeys(AttentionTile tile, int table, int kvHead, int firstBlock, int endBlock) {
        int size = cache.blockSize();
        for (int b = firstBlock; b < endBlock; b++) {
            int block = tables[table + b];
            int end = Math.min(tile.endKey(), (b + 1) * size);
            for (int key = b * size; key < end; key += TileMath.GROUP) {
                int from = Math.max(tile.firstKey(), key);
                int keys = Math.min(end, key + TileMath.GROUP) - from;
                int scales = cache.keyScales(block, kvHead, (key - b * size) / TileMath.GROUP);
                tile.scale(cache.keySlab(block), scales + from - key, from, Math.max(0, keys));
            }
        }
    }

    /** Frees nothing today: the buffers are on the heap. Owners close both kinds of attention alike. */
    @Override
    public void close() {
        // nothing outside the heap
    }
}
