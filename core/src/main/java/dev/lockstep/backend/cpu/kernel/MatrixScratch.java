package dev.lockstep.backend.cpu.kernel;

import dev.lockstep.backend.cpu.memory.Memory;
import dev.lockstep.backend.cpu.memory.Slab;
import dev.lockstep.backend.cpu.memory.WorkerSlabs;
import dev.lockstep.backend.cpu.memory.Workers;

/**
 * Where the workers of a rank hold what attention by {@link Bf16Products} multiplies: shared by all layers, since a worker
 * runs one at a time. The products stay their owner's.
 */
public final class MatrixScratch implements AutoCloseable {

    /** Bytes of keys and values that are held together, unless one head has more: they stay in a core's own cache. */
    private static final long HELD_BYTES = 1 << 19;
    /** Rows of a chunk of queries: keys and values are rounded for each anew. */
    private static final int MOST_ROWS = 256;

    private static final int FEWEST_ROWS = 32;

    private final Bf16Products products;
    private final WorkerSlabs queries;
    private final WorkerSlabs keys;
    private final WorkerSlabs values;
    private final WorkerSlabs scores;
    private final WorkerSlabs sums;

    public MatrixScratch(Bf16Products products, Memory memory) {
        this.products = products;
        this.queries = new WorkerSlabs(memory, "attention's queries");
        this.keys = new WorkerSlabs(memory, "attention's keys");
        this.values = new WorkerSlabs(memory, "attention's values");
        this.scores = new WorkerSlabs(memory, "attention's scores");
        this.sums = new WorkerSlabs(memory, "attention's sums");
    }

    Bf16Products products() {
        return products;
    }

    /** Into how many ranges heads are to be cut so that the keys and values of one are held together. */
    static int ranges(AttentionSpec spec, int kvHeads, int keys) {
        long head = padded(keys) * (spec.queryWidth() + spec.valueWidth()) * Short.BYTES;
        long together = Math.max(1, HELD_BYTES / Math.max(1, head));
        return (int) Math.max(1, (kvHeads + together - 1) / together);
    }

    private static long padded(int keys) {
        return (keys + 2L * TileMath.GROUP - 1) / TileMath.GROUP * TileMath.GROUP;
    }

    /**
     * Rows of a chunk of queries.
     *
     * @param heads of the layer, query heads
     * @param ranges into how many of them these are cut
     */
    static int rows(AttentionSpec spec, int heads, int ranges) {
        long row = (heads + ranges - 1L) / ranges * spec.queryWidth() * Short.BYTES;
        return (int) Math.max(FEWEST_ROWS, Math.min(MOST_ROWS, HELD_BYTES / Math.max(1, row)));
    }

    /**
     * Makes room before workers start; contents are lost. What most steps need is the same, whatever their sequences: it is
     * there from the first step on.
     *
     * @param heads of the layer, query heads
     * @param mostKeys of one sequence
     * @throws dev.lockstep.backend.OutOfMemoryException when there is no memory for it
     */
    void ensure(Workers workers, AttentionSpec spec, int heads, int mostKeys) {
        int threads = workers.threads();
        long held = heldBytes(spec.queryWidth(), spec.valueWidth(), mostKeys);
        int both = spec.queryWidth() + spec.valueWidth();
        keys.ensure(held * spec.queryWidth() / both, threads);
        values.ensure(held * spec.valueWidth() / both, threads);
        queries.ensure(queryBytes(heads, spec.queryWidth()), threads);
        scores.ensure(MatrixTile.scores(padded(mostKeys)) * Float.BYTES, threads);
        sums.ensure(sumBytes(spec.valueWidth()), threads);
    }

    /** Bytes for each worker, unless a sequence has thousands of keys. */
    public static long bytes(int heads, int queryWidth, int valueWidth) {
        return heldBytes(queryWidth, valueWidth, 1)
                + queryBytes(heads, queryWidth)
                + MatrixTile.scores(1) * Float.BYTES
                + sumBytes(valueWidth);
    }

    private static long heldBytes(int queryWidth, int valueWidth, int keys) {
        return Math.max(padded(keys) * (queryWidth + valueWidth) * Short.BYTES, HELD_BYTES);
    }

    private static long queryBytes(int heads, int width) {
        return Math.max((long) FEWEST_ROWS * heads * width * Short.BYTES, HELD_BYTES);
    }

    private static long sumBytes(int valueWidth) {
        return (long) MatrixTile.MOST_QUERIES * valueWidth * Float.BYTES;
    }

    /** Queries in bf16. */
    Slab queries(int worker) {
        return queries.of(worker);
    }

    /** Keys in bf16. */
    Slab keys(int worker) {
        return keys.of(worker);
    }

    /** Values in bf16. */
    Slab values(int worker) {
        return values.of(worker);
    }

    /** Scores in fp32, then weights in bf16. */
    Slab scores(int worker) {
        return scores.of(worker);
    }

    /** Weighted sums of values in fp32. */
    Slab sums(int worker) {
        return sums.of(worker);
    }

    @Override
    public void close() {
        queries.close();
        keys.close();
        values.close();
        scores.close();
        sums.close();
    }
}
