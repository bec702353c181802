package dev.lockstep.backend.cpu.kernel;

import dev.lockstep.backend.CacheType;
import dev.lockstep.backend.Limits;
import dev.lockstep.backend.Precision;
import dev.lockstep.backend.StepInput;
import dev.lockstep.backend.cpu.gemm.GemmEngine;
import dev.lockstep.backend.cpu.gemm.GemmEngines;
import dev.lockstep.backend.cpu.gemm.PackedWeight;
import dev.lockstep.backend.cpu.gemm.Rounding;
import dev.lockstep.backend.cpu.memory.Matrix;
import dev.lockstep.backend.cpu.memory.Memory;
import dev.lockstep.backend.cpu.memory.Workers;
import dev.lockstep.measure.Settling;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * One layer's kernels on 8 sequences, again and again: a program of its own, since what the compiler makes of a loop
 * depends on all that ran before it in the process. Prints the fewest bytes that some steps allocated on all threads.
 */
final class SteadyStep implements AutoCloseable {

    private static final int ROWS = 24;
    private static final int HIDDEN = 128;
    private static final int HEADS = 4;
    private static final int VOCABULARY = 500;

    private static final RouterSpec ROUTING =
            new RouterSpec(HIDDEN, 8, RouterSpec.Scores.SIGMOID, 0, 4, 2, true, true, 2.5f);
    private static final int[] EXPERTS = IntStream.range(32, 64).toArray();

    private final Workers workers;
    private final Matrix x;
    private final Matrix y;
    private final Matrix z;
    private final Matrix logits;
    private final Matrix statistics;
    private final float[] weight;
    private final Elementwise elementwise;
    private final Norms norms;
    private final SplitNorms splitNorms;
    private final Rotary rotary;
    private final Embedding embedding;
    private final Table table;
    private final PackedWeight packed;
    private final PackedWeight head;
    private final KvCache cache;
    private final PagedAttention paged;
    private final KvCache latentCache;
    private final PagedAttention latent;
    private final RowAttention rowAttention;
    private final MatrixScratch scratch;
    private final PagedAttention promptAttention;
    private final RowAttention matrixAttention;
    private final LastRows lastRows;
    private final TopCandidates top;
    private final LogitEdits edits;
    private final StepInput input = new StepInput(new Limits(ROWS, ROWS, ROWS, 1, 1));
    private final float[] massTemperatures = new float[ROWS];
    private final int[] mask =
            IntStream.range(0, (VOCABULARY + 31) / 32).map(i -> -2).toArray();
    private final Router router;
    private final ExpertOrder experts = new ExpertOrder();
    private final ExpertRows expertRows;
    private final int[] ids = IntStream.range(0, VOCABULARY).toArray();
    private final int[] entries = new int[ROWS];
    private final int[] slots =
            IntStream.range(0, ROWS).map(i -> i % 3 + 16 * (i / 3)).toArray();
    private final int[] offsets = IntStream.range(0, 9).map(i -> 3 * i).toArray();
    /** One sequence of all rows. */
    private final int[] wholeOffsets = {0, ROWS};

    private final int[] wholeLengths = {ROWS};
    private final int[] lengths = IntStream.range(0, 8).map(i -> 3).toArray();
    private final int[] tables = IntStream.range(0, 8).toArray();
    private final float[] temperatures = new float[ROWS];
    private final long[] seeds = new long[ROWS];

    SteadyStep(Samples samples, Workers workers, GemmEngine engine, Precision precision) {
        this.workers = workers;
        x = samples.matrix(ROWS, HIDDEN);
        y = samples.matrix(ROWS, HIDDEN);
        z = samples.matrix(ROWS, HIDDEN);
        logits = samples.matrix(ROWS, VOCABULARY);
        statistics = samples.matrix(ROWS, 3);
        weight = samples.array(HIDDEN);
        elementwise = new Elementwise(workers);
        norms = new Norms(workers);
        splitNorms = new SplitNorms(workers);
        rotary = new Rotary(workers).tables(samples.array(64), samples.array(64), 32, Rotary.Pairing.HALVES);
        embedding = new Embedding(workers);
        float[] values = samples.array(VOCABULARY * HIDDEN);
        table = new Table(
                VOCABULARY,
                HIDDEN,
                (from, to, target) -> target.put(values, from * HIDDEN, (to - from) * HIDDEN),
                precision.ofTables(),
                Memory.UNCOUNTED);
        packed = engine.pack(
                HIDDEN,
                HIDDEN,
                (from, to, target) -> target.put(values, from * HIDDEN, (to - from) * HIDDEN),
                precision,
                () -> Rounding.TWO_PARTS,
                weight,
                workers,
                ROWS);
        head = engine.pack(
                VOCABULARY,
                HIDDEN,
                (from, to, target) -> target.put(values, from * HIDDEN, (to - from) * HIDDEN),
                precision,
                null,
                workers,
                ROWS);
        CacheType caches = precision == Precision.INT8 ? CacheType.INT8 : CacheType.of(precision);
        cache = new KvCache(8, HEADS, 16, 32, 32, caches, Memory.UNCOUNTED);
        int[] kvHeadOf = {0, 1, 2, 3};
        paged = new PagedAttention(workers, AttentionSpec.causal(kvHeadOf, 32, 32, 0.2f), HEADS);
        latentCache = new KvCache(8, 1, 16, 32, 0, caches, Memory.UNCOUNTED);
        latent = new PagedAttention(
                workers,
                AttentionSpec.causal(new int[] {0, 0, 0, 0}, 32, 24, 0.2f).withValuesInKeys(),
                1);
        lastRows = new LastRows(8, 16, HIDDEN, Memory.UNCOUNTED);
        rowAttention = new RowAttention(
                workers,
                AttentionSpec.allKeys(kvHeadOf, 32, 32, 0.2f).softCap(5f).alibi(weight),
                HEADS);
        Bf16Products products = engine.bf16Products(workers.threads());
        scratch = new MatrixScratch(products == null ? new PlainBf16Products() : products, Memory.UNCOUNTED);
        promptAttention = new PagedAttention(workers, AttentionSpec.causal(kvHeadOf, 32, 32, 0.2f), HEADS, scratch);
        matrixAttention = new RowAttention(workers, AttentionSpec.allKeys(kvHeadOf, 32, 32, 0.2f), HEADS, scratch);
        top = new TopCandidates(workers, ROWS, 4);
        edits = new LogitEdits(workers);
        Arrays.fill(massTemperatures, 0.7f);
        for (int row = 0; row < ROWS; row++) {
            input.best(row);
            input.entropy[row] = row % 2 == 0;
            input.rules.add(row, row, 0.1f, 1.1f, 0.2f);
            input.rules.mask(row, mask);
        }
        router = new Router(workers);
        expertRows = new ExpertRows(workers);
        Arrays.fill(temperatures, 0.7f);
    }

    /**
     * Runs until steps allocate nothing, or long enough to be sure that they always will. First with one worker: where
     * cores are busy, two spend their time waiting for each other, and what is compiled serves both.
     */
    public static void main(String[] arguments) {
        Precision precision = Precision.valueOf(arguments[0]);
        long alone = allocated(precision, 1, 300);
        System.out.println("allocated=" + (alone > 0 ? alone : allocated(precision, 2, 20)));
    }

    private static long allocated(Precision precision, int threads, int steps) {
        try (Samples samples = new Samples(1);
                Workers workers = new Workers(threads);
                GemmEngine engine = GemmEngines.open(Memory.UNCOUNTED);
                SteadyStep step = new SteadyStep(samples, workers, engine, precision)) {
            WorkerHeap heap = new WorkerHeap(workers);
            return Settling.least(0, () -> {
                long own = heap.allocated(0, step::run);
                return heap.allocated(steps, step::run) - own;
            });
        }
    }

    void run() {
        embedding.gather(table, 0, ids, x, ROWS);
        embedding.gather(head, 0, ids, y, ROWS);
        norms.apply(Norms.Kind.RMS, x, y, ROWS, 1, HIDDEN, weight, null, 1e-5f);
        packed.multiply(workers, y, ROWS, z, Activation.GELU);
        packed.multiply(workers, y, 3, z, Activation.GELU);
        packed.multiplyAdd(workers, y, ROWS, z);
        rotary.rotate(z, z, ROWS, entries, HEADS, 32);
        cache.write(workers, z, y, slots, ROWS);
        paged.run(z, cache, 8, offsets, lengths, tables, tables, x);
        rowAttention.run(z, y, y, 8, offsets, offsets, x);
        promptAttention.run(z, cache, 1, wholeOffsets, wholeLengths, tables, tables, x);
        matrixAttention.run(z, y, y, 1, wholeOffsets, wholeOffsets, x);
        latentCache.write(workers, z, y, slots, ROWS);
        latent.run(z, latentCache, 8, offsets, lengths, tables, tables, entries, null, x);
        lastRows.shift(x, y, 8, offsets, entries, tables, tables);
        norms.apply(Norms.Kind.RMS, y, y, ROWS, HEADS, 32, weight, null, 1e-5f);
        elementwise.clamp(x, -1f, 1f, x, ROWS, HIDDEN);
        elementwise.scaleRows(x, statistics, x, ROWS, HIDDEN);
        elementwise.scaleRows(x, weight, entries, x, ROWS, HIDDEN);
        elementwise.gated(Activation.SILU, x, y, z, ROWS, HIDDEN);
        elementwise.activate(Activation.SILU, z, z, ROWS, HIDDEN);
        norms.apply(Norms.Kind.LAYER, x, y, ROWS, 1, HIDDEN, weight, weight, 1e-5f);
        splitNorms.statistics(y, ROWS, HIDDEN, null, statistics);
        SplitNorms.combine(statistics, 1, ROWS, statistics);
        splitNorms.apply(Norms.Kind.LAYER, y, statistics, y, ROWS, HIDDEN, weight, null, 1e-5f);
        router.route(ROUTING, weight, y, ROWS, z);
        experts.sort(z, ROWS, EXPERTS, HIDDEN);
        expertRows.gather(x, experts, 0, true, y, HIDDEN);
        expertRows.gate(Activation.SILU, y, experts.count(0), HIDDEN / 2);
        expertRows.gateClamped(7, 1.7, y, experts.count(0), HIDDEN / 2);
        expertRows.add(y, experts, 0, true, x, HIDDEN);
        head.multiply(workers, y, ROWS, logits, Activation.NONE);
        edits.apply(logits, ROWS, VOCABULARY, ids, input.rules);
        top.best(logits, ROWS, VOCABULARY, ids, 4);
        top.mass(massTemperatures, input.entropy);
        top.draw(temperatures, seeds, slots);
    }

    @Override
    public void close() {
        table.close();
        packed.close();
        head.close();
        cache.close();
        latentCache.close();
        lastRows.close();
        scratch.close();
    }
}
