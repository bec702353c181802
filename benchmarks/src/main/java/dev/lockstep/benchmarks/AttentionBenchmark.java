package dev.lockstep.benchmarks;

import dev.lockstep.backend.CacheType;
import dev.lockstep.backend.cpu.kernel.AttentionSpec;
import dev.lockstep.backend.cpu.kernel.KvCache;
import dev.lockstep.backend.cpu.kernel.PagedAttention;
import dev.lockstep.backend.cpu.memory.Matrix;
import dev.lockstep.backend.cpu.memory.Memory;
import dev.lockstep.backend.cpu.memory.Slab;
import dev.lockstep.backend.cpu.memory.Workers;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.BenchmarkParams;

/** One layer's attention of a decode step: a query for each sequence over its paged cache, which is read once. */
@State(Scope.Benchmark)
public class AttentionBenchmark {
    private static final int SEQUENCES = 64;
    private static final int HEAD_DIM = 64;
    private static final int BLOCK = 16;

    @Param({"FP32", "INT16", "INT8"})
    public CacheType type;

    /** Query heads by key-value heads. */
    @Param({"12x12", "32x4"})
    public String heads;

    @Param({"128", "1024"})
    public int context;

    @Param("0")
    public int threads;

    private Workers workers;
    private KvCache cache;
    private PagedAttention attention;
    private Slab queries;
    private Slab outputs;
    private Matrix q;
    private Matrix out;
    private final int[] offsets = IntStream.rangeClosed(0, SEQUENCES).toArray();
    private int[] lengths;
    private int[] tables;
    private int[] starts;

    @Setup(Level.Trial)
    public void open() {
        int queryHeads = queryHeads(heads);
        int kvHeads = kvHeads(heads);
        workers = new Workers(OpWork.threads(threads));
        int blocks = SEQUENCES * context / BLOCK;
        cache = new KvCache(blocks, kvHeads, BLOCK, HEAD_DIM, HEAD_DIM, type, Memory.UNCOUNTED);
        int[] kvHeadOf = IntStream.range(0, queryHeads)
                .map(head -> head * kvHeads / queryHeads)
                .toArray();
        attention = new PagedAttention(workers, AttentionSpec.causal(kvHeadOf, HEAD_DIM, HEAD_DIM, 0.125f), kvHeads);
        lengths = IntStream.range(0, SEQUENCES).map(sequence -> context).toArray();
        tables = IntStream.range(0, blocks).toArray();
        starts = IntStream.range(0, SEQUENCES)
                .map(sequence -> sequence * (context / BLOCK))
                .toArray();
        queries = filled(SEQUENCES * queryHeads * HEAD_DIM);
        outputs = filled(SEQUENCES * queryHeads * HEAD_DIM);
        q = new Matrix(queries, 0, queryHeads * HEAD_DIM);
        out = new Matrix(outputs, 0, queryHeads * HEAD_DIM);
        write(kvHeads * HEAD_DIM);
    }

    private void write(int width) {
        try (Slab keys = filled(context * width);
                Slab values = filled(context * width)) {
            for (int sequence = 0; sequence < SEQUENCES; sequence++) {
                int first = sequence * context;
                int[] slots = IntStream.range(first, first + context).toArray();
                cache.write(workers, new Matrix(keys, 0, width), new Matrix(values, 0, width), slots, context);
            }
        }
    }

    private static Slab filled(int floats) {
        Slab slab = Memory.UNCOUNTED.floats(floats, "benchmark rows");
        GemmCase.fill(slab.bytes().asFloatBuffer(), floats, floats);
        return slab;
    }

    @TearDown(Level.Trial)
    public void close() {
        cache.close();
        queries.close();
        outputs.close();
        workers.close();
    }

    @Benchmark
    public void decode() {
        attention.run(q, cache, SEQUENCES, offsets, lengths, tables, starts, out);
    }

    private static int queryHeads(String heads) {
        return Integer.parseInt(heads.substring(0, heads.indexOf('x')));
    }

    private static int kvHeads(String heads) {
        return Integer.parseInt(heads.substring(heads.indexOf('x') + 1));
    }

    static OpWork work(BenchmarkParams p) {
        CacheType type = CacheType.valueOf(p.getParam("type"));
        String heads = p.getParam("heads");
        double keys = (double) SEQUENCES * Integer.parseInt(p.getParam("context"));
        return new OpWork(
                String.format(
                        "%s, %d sequences x %s keys, heads %s x %d",
                        type.name().toLowerCase(java.util.Locale.ROOT),
                        SEQUENCES,
                        p.getParam("context"),
                        heads,
                        HEAD_DIM),
                dev.lockstep.backend.Precision.FP32,
                4 * keys * queryHeads(heads) * HEAD_DIM,
                2 * keys * kvHeads(heads) * type.bytes(HEAD_DIM));
    }
}
