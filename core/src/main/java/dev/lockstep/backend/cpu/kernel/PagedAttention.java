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
    private final int mostHeads;
    private final CachedTiles[] tiles;
    /** Where many queries are attended for by products of matrices, of each worker; empty where that is not wanted. */
    private final MatrixHeads[] matrices;

    private final MatrixScratch scratch;
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
    private int[] prompts;

    /**
     * Prepares the layer, to be computed in fp32.
     *
     * @param kvHeads local key-value heads of the cache
     */
    public PagedAttention(Workers workers, AttentionSpec spec, int kvHeads) {
        this(workers, spec, kvHeads, null);
    }

    /**
     * Prepares the layer.
     *
     * @param kvHeads local key-value heads of the cache
     * @param scratch for products in bf16 where a sequence has many queries; null for fp32 always
     */
    public PagedAttention(Workers workers, AttentionSpec spec, int kvHeads, MatrixScratch scratch) {
        this.workers = workers;
        this.spec = spec;
        this.headsOfKv = spec.headsOfKv(kvHeads);
        this.scratch = spec.valuesInKeys() ? null : scratch;
        this.matrices = new MatrixHeads[this.scratch == null ? 0 : workers.threads()];
        for (int i = 0; i < matrices.length; i++) {
            matrices[i] = new MatrixHeads(spec, headsOfKv, scratch, i);
        }
        this.mostHeads = AttentionSpec.mostHeads(headsOfKv);
        this.tiles = new CachedTiles[workers.threads()];
        this.items = new AttentionItems(kvHeads, CHUNK_ROWS);
        for (int i = 0; i < tiles.length; i++) {
            tiles[i] = new CachedTiles(spec);
        }
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
        run(queries, keysAndValues, sequences, rowOffsets, lengths, blockTables, blockTableOffsets, null, null, target);
    }

    /**
     * As above, where rows may not see the first keys of their sequence.
     *
     * @param firstKeys the first key that each row may see, or null for 0
     * @param promptRows rows of the prompt that each sequence's rows are part of, run already or not, 0 where they are not:
     *     a row's results then do not depend on how a prompt is cut into steps; null where they are all there is
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
            int[] promptRows,
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
        prompts = promptRows;
        deal(sequences);
        workers.run(task, work(sequences));
    }

    private void deal(int sequences) {
        int heads = headsOfKv.length;
        int size = cache.blockSize();
        int mostKeys = 0;
        items.begin();
        for (int s = 0; s < sequences; s++) {
            int rows = queryOffsets[s + 1] - queryOffsets[s];
            if (multiplies(s)) {
                int keys = (keyLengths[s] + size - 1) / size * size;
                int ranges = MatrixScratch.ranges(spec, heads, keys);
                items.add(rows, ranges, MatrixScratch.rows(spec, spec.heads(), ranges));
                mostKeys = Math.max(mostKeys, keys);
            } else {
                items.add(rows, isFew(rows) ? 1 : heads, CHUNK_ROWS);
            }
        }
        items.end(workers.threads() * ITEMS_PER_WORKER);
        if (mostKeys > 0) {
            scratch.ensure(workers, spec, spec.heads(), mostKeys);
        }
    }

    /** Whether a sequence has so few rows that a worker looks at several heads together. */
    private boolean isFew(int rows) {
        return rows <= TileMath.QUERIES / mostHeads;
    }

    /** Whether a sequence's rows are of a prompt that is long enough for products of matrices. */
    private boolean multiplies(int sequence) {
        int prompt = prompts == null ? queryOffsets[sequence + 1] - queryOffsets[sequence] : prompts[sequence];
        return scratch != null
                && prompt * mostHeads >= MatrixTile.FEWEST_QUERIES
                && cache.blockSize() % TileMath.GROUP == 0;
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
            int range = items.range(item, sequence);
            int kvFrom = items.firstHead(range, sequence);
            int kvTo = items.firstHead(range + 1, sequence);
            int from = items.firstRow(item, sequence);
            int to = items.endRow(item, sequence);
            if (multiplies(sequence)) {
                multiply(matrices[worker], sequence, kvFrom, kvTo, from, to);
                continue;
            }
            set.begin(cache, tables, tableOffsets[sequence]);
            for (int kvHead = kvFrom; kvHead < kvTo; kvHead++) {
                addQueries(set, sequence, kvHead, from, to);
            }
            set.run(sequence, out);
        }
    }

    /** Some rows of a sequence and a range of heads, by products of matrices. */
    private void multiply(MatrixHeads heads, int sequence, int kvFrom, int kvTo, int from, int to) {
        int first = queryOffsets[sequence];
        int keys = keyLengths[sequence];
        int position = keys - (queryOffsets[sequence + 1] - first);
        int firstKey = spec.firstKey(position + from);
        int endKey = spec.endKey(position + to - 1, keys);
        heads.takeBlocks(cache, tables, tableOffsets[sequence], firstKey, endKey, kvFrom, kvTo);
        heads.attend(q, sequence, from, to, first, position, keys, hiddenKeys, out);
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
