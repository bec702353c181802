package dev.lockstep.benchmarks;

import dev.lockstep.backend.Precision;
import dev.lockstep.backend.cpu.kernel.Embedding;
import dev.lockstep.backend.cpu.kernel.Norms;
import dev.lockstep.backend.cpu.kernel.Table;
import dev.lockstep.backend.cpu.memory.Matrix;
import dev.lockstep.backend.cpu.memory.Memory;
import dev.lockstep.backend.cpu.memory.Slab;
import dev.lockstep.backend.cpu.memory.Workers;
import java.util.SplittableRandom;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.BenchmarkParams;

/** Ops that go over rows once: LayerNorm, RMSNorm, rows of an embedding table. Small steps stay in caches. */
@State(Scope.Benchmark)
public class RowsBenchmark {
    private static final int VOCABULARY = 50272;
    private static final int WIDTH = 768;

    @Param({"64", "2048"})
    public int rows;

    @Param("0")
    public int threads;

    private Workers workers;
    private Norms norms;
    private Embedding embedding;
    private Table table;
    private Slab input;
    private Slab output;
    private Matrix x;
    private Matrix y;
    private final float[] weight = new float[WIDTH];
    private final float[] bias = new float[WIDTH];
    private int[] ids;

    @Setup(Level.Trial)
    public void open() {
        workers = new Workers(OpWork.threads(threads));
        norms = new Norms(workers);
        embedding = new Embedding(workers);
        table = new Table(
                VOCABULARY,
                WIDTH,
                (from, to, panel) -> GemmCase.fill(panel, from, (to - from) * WIDTH),
                Precision.FP32,
                Memory.UNCOUNTED);
        input = Memory.UNCOUNTED.floats((long) rows * WIDTH, "benchmark rows");
        output = Memory.UNCOUNTED.floats((long) rows * WIDTH, "benchmark rows");
        GemmCase.fill(input.bytes().asFloatBuffer(), 1, rows * WIDTH);
        x = new Matrix(input, 0, WIDTH);
        y = new Matrix(output, 0, WIDTH);
        ids = new SplittableRandom(2).ints(rows, 0, VOCABULARY).toArray();
    }

    @TearDown(Level.Trial)
    public void close() {
        table.close();
        input.close();
        output.close();
        workers.close();
    }

    @Benchmark
    public void layerNorm() {
        norms.apply(Norms.Kind.LAYER, x, y, rows, 1, WIDTH, weight, bias, 1e-5f);
    }

    @Benchmark
    public void rmsNorm() {
        norms.apply(Norms.Kind.RMS, x, y, rows, 1, WIDTH, weight, null, 1e-5f);
    }

    @Benchmark
    public void embed() {
        embedding.gather(table, 0, ids, y, rows);
    }

    static OpWork work(BenchmarkParams p) {
        int rows = Integer.parseInt(p.getParam("rows"));
        return new OpWork(
                String.format("fp32, %d x %d", rows, WIDTH), Precision.FP32, 0, 2.0 * rows * WIDTH * Float.BYTES);
    }
}
