package dev.lockstep.backend.cpu.kernel;

import dev.lockstep.backend.cpu.memory.Workers;

/**
 * Attention over sets of keys that are rows of matrices, of which each query sees runs: windows, lists of blocks, rows of
 * another axis. Computes what is seen and nothing else. One object per layer shape and rank; not for several threads at
 * once.
 */
public final class SetAttention {
    private static final int CHUNK_ROWS = 128;
    /** Items of a step for each worker, at least: so that all end together. */
    private static final int ITEMS_PER_WORKER = 4;

    private final Workers workers;
    private final SetAttentionSpec spec;
    private final SetQueries[] queries;
    private final AttentionItems items;
    private final Workers.Task task = this::share;
    private SetAttentionRows step;

    public SetAttention(Workers workers, SetAttentionSpec spec) {
        this.workers = workers;
        this.spec = spec;
        this.items = new AttentionItems(spec.kvHeads(), CHUNK_ROWS);
        this.queries = new SetQueries[workers.threads()];
        for (int i = 0; i < queries.length; i++) {
            queries[i] = new SetQueries(spec);
        }
    }

    /** Runs a step. Each head must be contiguous in every matrix. */
    public void run(SetAttentionRows rows, int sequences) {
        if (spec.heads() == 0 || sequences == 0) {
            return;
        }
        step = rows;
        items.begin();
        for (int s = 0; s < sequences; s++) {
            items.add(rows.offsets[s + 1] - rows.offsets[s], spec.kvHeads(), CHUNK_ROWS);
        }
        items.end(workers.threads() * ITEMS_PER_WORKER);
        long elements = (long) rows.offsets[sequences] * spec.heads() * (spec.queryWidth() + spec.valueWidth());
        workers.run(task, elements);
    }

    private void share(int worker, int all) {
        SetQueries own = queries[worker];
        own.begin(step);
        int sequence = 0;
        for (int item = items.take(); item >= 0; item = items.take()) {
            sequence = items.sequenceOf(item, sequence);
            int range = items.range(item, sequence);
            for (int kv = items.firstHead(range, sequence); kv < items.firstHead(range + 1, sequence); kv++) {
                own.attend(sequence, kv, items.firstRow(item, sequence), items.endRow(item, sequence));
            }
        }
    }

    /** Scores computed since this was made, over all heads. */
    public long scores() {
        long sum = 0;
        for (SetQueries own : queries) {
            sum += own.scores();
        }
        return sum;
    }
}
