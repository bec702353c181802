package dev.lockstep.backend.cpu.kernel;

import dev.lockstep.backend.cpu.memory.Matrix;
import dev.lockstep.backend.cpu.memory.Slab;

/**
 * One worker's attention of many queries that share a key-value head, by products of matrices in bf16: where there are
 * {@link #FEWEST_QUERIES} or more of them, that is several times as fast as {@link AttentionTile}, at the cost of
 * rounding queries, keys, weights and values to 8 bits. Used as: {@link #keys}, {@link #values}, then {@link #begin},
 * {@link #addQuery} until {@link #isFull}, and {@link #run}, as often as there are queries.
 */
final class MatrixTile {

    /** Below this number of queries, a call costs more than it saves. */
    static final int FEWEST_QUERIES = 16;

    static final int MOST_QUERIES = 128;

    private static final int GROUP = TileMath.GROUP;
    /** The most scores of a tile, few enough to stay in a core's own cache. */
    private static final int SCORES = 1 << 17;

    private final AttentionSpec spec;
    private final MatrixScratch scratch;
    private final int worker;
    private final TileQueries members;
    private final RowMath rows = RowMath.best();
    private final TileMath math = TileMath.best();
    private final Bf16Math bf16 = Bf16Math.best();
    private final int largest;
    private final float[] norms = new float[MOST_QUERIES];
    private float[] scores = new float[256];
    private float[] keyScales;
    private float[] valueScales;
    private int firstHeld;
    private int held;
    private boolean asColumns;
    private int keysAt;
    private int valuesAt;
    private int queriesAt;
    private int most;

    /** @param largest queries of a tile at most, up to {@link #MOST_QUERIES} */
    MatrixTile(AttentionSpec spec, int largest, MatrixScratch scratch, int worker) {
        this.largest = largest;
        this.spec = spec;
        this.scratch = scratch;
        this.worker = worker;
        this.members = new TileQueries(spec, MOST_QUERIES);
    }

    /** Queries of a tile over so many keys at most. */
    private int queries(int keys) {
        int fitting = SCORES / Math.max(1, keys) / FEWEST_QUERIES * FEWEST_QUERIES;
        return Math.max(FEWEST_QUERIES, Math.min(largest, fitting));
    }

    /** Scores of any tile over so many keys or fewer, at most. */
    static long scores(long keys) {
        return Math.max(SCORES, keys * FEWEST_QUERIES);
    }

    /**
     * The head's keys from now on, in {@link MatrixScratch#keys}.
     *
     * @param first the first key, a multiple of {@link TileMath#GROUP}
     * @param count keys, a multiple of it
     * @param columns whether keys are columns, {@code [queryWidth][count]}, or rows
     * @param at their first element
     * @param scales a factor of each key from the first on, for its scores; null for none
     */
    void keys(int first, int count, boolean columns, int at, float[] scales) {
        firstHeld = first;
        held = count;
        asColumns = columns;
        keysAt = at;
        keyScales = scales;
        most = queries(count);
    }

    /**
     * The head's values from now on, {@code [keys][valueWidth]} in {@link MatrixScratch#values}, finite for keys that
     * no query sees.
     *
     * @param scales a factor of each key, for its weights; null for none
     */
    void values(int at, float[] scales) {
        valuesAt = at;
        valueScales = scales;
    }

    /** Takes queries that follow each other in {@link MatrixScratch#queries}, scaled, from this element on. */
    void begin(int firstQuery) {
        queriesAt = firstQuery;
        members.clear();
    }

    boolean isFull() {
        return members.count() == most;
    }

    /** As {@link TileQueries#add}. */
    void addQuery(int row, int head, int position, int keys, int hidden) {
        members.add(row, head, position, keys, hidden);
    }

    /** Attends, writes the results, {@code [rows, heads * valueWidth]}, and begins with the queries that follow. */
    void run(int sequence, Matrix out) {
        int first = Math.min(members.firstKey(), members.endKey()) / GROUP * GROUP;
        int keys = (members.endKey() + GROUP - 1) / GROUP * GROUP - first;
        if (keys > 0) {
            score(first, keys);
            weigh(sequence, first, keys);
            sum(first, keys);
        }
        store(out, keys > 0);
        begin(queriesAt + members.count() * spec.queryWidth());
    }

    private void score(int first, int keys) {
        int width = spec.queryWidth();
        int from = keysAt + (first - firstHeld) * (asColumns ? 1 : width);
        int stride = asColumns ? held : width;
        Slab q = scratch.queries(worker);
        Slab k = scratch.keys(worker);
        Slab to = scratch.scores(worker);
        scratch.products()
                .multiply(
                        worker,
                        members.count(),
                        keys,
                        width,
                        q,
                        queriesAt,
                        width,
                        k,
                        from,
                        stride,
                        !asColumns,
                        to,
                        0,
                        keys);
    }

    /** Computes softmax weights. They replace the scores, in half the memory. */
    private void weigh(int sequence, int first, int keys) {
        if (scores.length < keys) {
            scores = new float[2 * keys];
        }
        Slab slab = scratch.scores(worker);
        for (int query = 0; query < members.count(); query++) {
            math.load(slab, query * keys, 1f, scores, 0, keys);
            norms[query] = members.weigh(
                    sequence, query, scores, -first, first, first + keys, keyScales, valueScales, firstHeld);
            bf16.round(scores, 0, slab, 2 * query * keys, keys);
        }
    }

    private void sum(int first, int keys) {
        int width = spec.valueWidth();
        int from = valuesAt + (first - firstHeld) * width;
        Slab p = scratch.scores(worker);
        Slab v = scratch.values(worker);
        Slab to = scratch.sums(worker);
        scratch.products()
                .multiply(worker, members.count(), width, keys, p, 0, 2 * keys, v, from, width, false, to, 0, width);
    }

    private void store(Matrix out, boolean summed) {
        int width = spec.valueWidth();
        for (int query = 0; query < members.count(); query++) {
            int to = out.at(members.row(query), members.head(query) * width);
            if (summed && norms[query] != 0) {
                rows.scale(norms[query], scratch.sums(worker), query * width, out.slab(), to, width);
            } else {
                out.slab().clear(to, width);
            }
        }
    }
}
