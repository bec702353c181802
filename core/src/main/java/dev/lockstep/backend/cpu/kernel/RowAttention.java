package dev.lockstep.backend.cpu.kernel;

import dev.lockstep.backend.cpu.memory.Matrix;
import dev.lockstep.backend.cpu.memory.Workers;

/**
 * Attention over keys and values that are rows of matrices: bidirectional encoders, and whole sequences without a
 * cache. Sequences lie flat. One object per layer shape and rank; not for several threads at once.
 */
public final class RowAttention {

    private static final int CHUNK_ROWS = 256;
    /** Items of a step for each worker, at least: so that all end together. */
    private static final int ITEMS_PER_WORKER = 4;

    private static final int GROUP = TileMath.GROUP;

    private final Workers workers;
    private final AttentionSpec spec;
    private final int[][] headsOfKv;
    private final int mostHeads;
    private final AttentionTile[] tiles;
    /** A sequence's keys of one head in transposed groups, and its values, of each worker. */
    private final float[][] transposed;

    private final float[][] values;
    /** A group's keys of each worker, before they are transposed. */
    private final float[][] keyRows;

    /** Where many queries are attended for by products of matrices, of each worker; empty where that is not wanted. */
    private final MatrixHeads[] matrices;

    private final MatrixScratch scratch;
    private final AttentionItems items;
    private final Workers.Task task = this::share;
    private Matrix q;
    private Matrix k;
    private Matrix v;
    private Matrix out;
    private int[] queryOffsets;
    private int[] keyOffsets;

    /**
     * Prepares the layer, to be computed in fp32.
     *
     * @param kvHeads local key-value heads, columns of the key and value matrices
     */
    public RowAttention(Workers workers, AttentionSpec spec, int kvHeads) {
        this(workers, spec, kvHeads, null);
    }

    /**
     * Prepares the layer.
     *
     * @param kvHeads local key-value heads, columns of the key and value matrices
     * @param scratch for products in bf16 where sequences are long enough; null for fp32 always
     */
    public RowAttention(Workers workers, AttentionSpec spec, int kvHeads, MatrixScratch scratch) {
        this.workers = workers;
        this.spec = spec;
        this.headsOfKv = spec.headsOfKv(kvHeads);
        this.mostHeads = AttentionSpec.mostHeads(headsOfKv);
        this.items = new AttentionItems(kvHeads, CHUNK_ROWS);
        this.scratch = scratch;
        this.matrices = new MatrixHeads[scratch == null ? 0 : workers.threads()];
        for (int i = 0; i < matrices.length; i++) {
            matrices[i] = new MatrixHeads(spec, headsOfKv, scratch, i);
        }
        this.tiles = new AttentionTile[workers.threads()];
        this.transposed = new float[workers.threads()][0];
        this.values = new float[workers.threads()][0];
        this.keyRows = new float[workers.threads()][GROUP * spec.queryWidth()];
        for (int i = 0; i < tiles.length; i++) {
            tiles[i] = new AttentionTile(spec);
        }
    }

    /**
     * Runs a step. Sequence s has the query rows {@code [rowOffsets[s], rowOffsets[s + 1])} and the key rows {@code
     * [keyRowOffsets[s], keyRowOffsets[s + 1])}; its last query stands at its last key. Each head must be contiguous in
     * every matrix.
     *
     * @param queries {@code [rows, heads * queryWidth]}
     * @param keys {@code [keyRows, kvHeads * queryWidth]}
     * @param values {@code [keyRows, kvHeads * valueWidth]}
     * @param target {@code [rows, heads * valueWidth]}; not one of the inputs
     */
    public void run(
            Matrix queries,
            Matrix keys,
            Matrix values,
            int sequences,
            int[] rowOffsets,
            int[] keyRowOffsets,
            Matrix target) {
        if (spec.heads() == 0 || sequences == 0) {
            return;
        }
        Norms.checkContiguous(queries, spec.heads(), spec.queryWidth());
        Norms.checkContiguous(keys, headsOfKv.length, spec.queryWidth());
        Norms.checkContiguous(values, headsOfKv.length, spec.valueWidth());
        Norms.checkContiguous(target, spec.heads(), spec.valueWidth());
        q = queries;
        k = keys;
        v = values;
        out = target;
        queryOffsets = rowOffsets;
        keyOffsets = keyRowOffsets;
        deal(sequences);
        workers.run(task, (long) rowOffsets[sequences] * spec.heads() * (spec.queryWidth() + spec.valueWidth()));
    }

    private void deal(int sequences) {
        int heads = headsOfKv.length;
        int mostKeys = 0;
        items.begin();
        for (int s = 0; s < sequences; s++) {
            int rows = queryOffsets[s + 1] - queryOffsets[s];
            int keys = keyOffsets[s + 1] - keyOffsets[s];
            if (multiplies(rows)) {
                int ranges = MatrixScratch.ranges(spec, heads, keys);
                items.add(rows, ranges, MatrixScratch.rows(spec, spec.heads(), ranges));
                mostKeys = Math.max(mostKeys, keys);
            } else {
                items.add(rows, heads, CHUNK_ROWS);
            }
        }
        items.end(workers.threads() * ITEMS_PER_WORKER);
        if (mostKeys > 0) {
            scratch.ensure(workers, spec, spec.heads(), mostKeys);
        }
    }

    /** Whether so many rows of a sequence are worth products of matrices. */
    private boolean multiplies(int rows) {
        return scratch != null && rows * mostHeads >= MatrixTile.FEWEST_QUERIES;
    }

    private void share(int worker, int all) {
        int sequence = 0;
        int packed = -1;
        for (int item = items.take(); item >= 0; item = items.take()) {
            sequence = items.sequenceOf(item, sequence);
            int range = items.range(item, sequence);
            int kvFrom = items.firstHead(range, sequence);
            int kvTo = items.firstHead(range + 1, sequence);
            int from = items.firstRow(item, sequence);
            int to = items.endRow(item, sequence);
            if (multiplies(queryOffsets[sequence + 1] - queryOffsets[sequence])) {
                int whole = sequence * headsOfKv.length + kvFrom;
                multiply(matrices[worker], sequence, kvFrom, kvTo, from, to, whole != packed);
                packed = whole;
                continue;
            }
            for (int kvHead = kvFrom; kvHead < kvTo; kvHead++) {
                int whole = sequence * headsOfKv.length + kvHead;
                if (whole != packed) {
                    pack(worker, sequence, kvHead);
                    packed = whole;
                }
                rows(worker, sequence, kvHead, from, to);
            }
        }
    }

    /** Some rows of a sequence and a range of heads, by products of matrices. */
    private void multiply(MatrixHeads heads, int sequence, int kvFrom, int kvTo, int from, int to, boolean isNew) {
        int first = queryOffsets[sequence];
        int keys = keyOffsets[sequence + 1] - keyOffsets[sequence];
        int position = keys - (queryOffsets[sequence + 1] - first);
        if (isNew) {
            heads.takeRows(k, v, keyOffsets[sequence], keys, kvFrom, kvTo);
        }
        heads.attend(q, sequence, from, to, first, position, keys, null, out);
    }

    /** Brings a sequence's keys and values of one head into the arrays that tiles read. */
    private void pack(int worker, int sequence, int kvHead) {
        int width = spec.queryWidth();
        int valueWidth = spec.valueWidth();
        int first = keyOffsets[sequence];
        int keys = keyOffsets[sequence + 1] - first;
        int groups = (keys + GROUP - 1) / GROUP;
        if (transposed[worker].length < groups * GROUP * width || values[worker].length < keys * valueWidth) {
            transposed[worker] = new float[groups * GROUP * width];
            values[worker] = new float[groups * GROUP * valueWidth];
        }
        float[] rows = keyRows[worker];
        float[] columns = transposed[worker];
        for (int group = 0; group < keys; group += GROUP) {
            int count = Math.min(GROUP, keys - group);
            for (int key = 0; key < count; key++) {
                k.slab().get(k.at(first + group + key, kvHead * width), rows, key * width, width);
            }
            for (int d = 0; d < width; d++) {
                for (int key = 0; key < count; key++) {
                    columns[(group * width) + d * GROUP + key] = rows[key * width + d];
                }
            }
        }
        for (int key = 0; key < keys; key++) {
            v.slab().get(v.at(first + key, kvHead * valueWidth), values[worker], key * valueWidth, valueWidth);
        }
    }

    private void rows(int worker, int sequence, int kvHead, int from, int to) {
        AttentionTile tile = tiles[worker];
        int first = queryOffsets[sequence];
        int keys = keyOffsets[sequence + 1] - keyOffsets[sequence];
        int position = keys - (queryOffsets[sequence + 1] - first);
        tile.clear();
        for (int row = from; row < to; row++) {
            for (int head : headsOfKv[kvHead]) {
                tile.addQuery(q, first + row, head, position + row, keys, 0);
                if (tile.isFull()) {
                    compute(tile, worker, sequence);
                }
            }
        }
        if (tile.queries() > 0) {
            compute(tile, worker, sequence);
        }
    }

    private void compute(AttentionTile tile, int worker, int sequence) {
        int base = tile.firstKey() / GROUP * GROUP;
        int width = spec.queryWidth();
        float[] keys = transposed[worker];
        tile.begin(base);
        for (int key = base; key < tile.endKey(); key += 2 * GROUP) {
            int next = key + GROUP < tile.endKey() ? key + GROUP : key; // what nobody sees is not read
            tile.scorePair(keys, key * width, next * width, key);
        }
        tile.softmax(sequence, null, null, 0);
        int first = tile.firstKey();
        int valueWidth = spec.valueWidth();
        tile.addValues(values[worker], first * valueWidth, valueWidth, first, Math.max(0, tile.endKey() - first));
        tile.store(out);
        tile.clear();
    }
}
