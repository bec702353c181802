package dev.lockstep.backend.cpu.kernel;

import dev.lockstep.backend.cpu.memory.Matrix;
import dev.lockstep.backend.cpu.memory.Workers;

/**
 * Attention of query rows over keys and values in a paged cache: self-attention of decoders (the step's own keys are
 * written first) and cross-attention. Sequences lie flat. One object per layer shape and rank; not for several threads
 * at once.
 */
public final class PagedAttention {

    private static final int CHUNK_ROWS = 32;
    /** Items of a step for each worker, at least: so that all end together. */
    private static final int ITEMS_PER_WORKER = 4;

    private final Workers workers;
    private final AttentionSpec spec;
    private final int[][] headsOfKv;
    private final CachedTiles[] tiles;
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

    /**
     * Prepares the layer.
     *
     * @param kvHeads local key-value heads of the cache
     */
    public PagedAttention(Workers workers, AttentionSpec spec, int kvHeads) {
        this.workers = workers;
        this.spec = spec;
        this.headsOfKv = spec.headsOfKv(kvHeads);
        this.tiles = new CachedTiles[workers.threads()];
        this.items = new AttentionItems(CHUNK_ROWS, TileMath.QUERIES / mostHeads());
        for (int i = 0; i < tiles.length; i++) {
            tiles[i] = new CachedTiles(spec);
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
        CachedTiles set = tiles[worker];
        int sequence = 0;
        for (int item = items.take(); item >= 0; item = items.take()) {
            sequence = items.sequenceOf(item, sequence);
            int rows = queryOffsets[sequence + 1] - queryOffsets[sequence];
            int within = items.within(item, sequence);
            set.begin(cache, tables, tableOffsets[sequence]);
            if (items.isFew(rows)) {
                int heads = headsOfKv.length;
                int ranges = items.ranges();
                for (int kvHead = heads * within / ranges; kvHead < heads * (within + 1) / ranges; kvHead++) {
                    addQueries(set, sequence, kvHead, 0, rows);
                }
            } else {
                int chunks = items.chunks(rows);
                int from = within % chunks * items.chunkRows();
                addQueries(set, sequence, within / chunks, from, Math.min(rows, from + items.chunkRows()));
            }
            set.run(sequence, out);
        }
    }

    /** Some rows' queries of the heads that share a key-value head. */
    private void addQueries(CachedTiles set, int sequence, int kvHead, int from, int to) {
        int first = queryOffsets[sequence];
        int keys = keyLengths[sequence];
        int position = keys - (queryOffsets[sequence + 1] - first);
        AttentionTile tile = set.tile(kvHead);
        for (int row = from; row < to; row++) {
            for (int head : headsOfKv[kvHead]) {
                if (tile.isFull()) {
                    tile = set.tile(kvHead);
                }
                int hidden = hiddenKeys == null ? 0 : hiddenKeys[first + row];
                tile.addQuery(q, first + row, head, position + row, keys, hidden);
            }
        }
    }
}
