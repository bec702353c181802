package dev.lockstep.benchmarks;

import dev.lockstep.backend.Precision;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.BenchmarkParams;

/** Linear maps as layers have them, on all workers: few rows read the weight, many multiply. */
@State(Scope.Benchmark)
public class GemmBenchmark {
    @Param({"FP32", "BF16", "INT8"})
    public Precision precision;

    @Param({"768x3072", "3072x768", "768x50272", "2048x5632"})
    public String shape;

    @Param({"1", "16", "64", "256"})
    public int rows;

    @Param("0")
    public int threads;

    private GemmCase products;

    @Setup(Level.Trial)
    public void open() {
        String[] sizes = shape.split("x");
        products = new GemmCase(
                OpWork.threads(threads), precision, Integer.parseInt(sizes[0]), Integer.parseInt(sizes[1]), rows);
    }

    @TearDown(Level.Trial)
    public void close() {
        products.close();
    }

    @Benchmark
    public void multiply() {
        products.multiply(rows);
    }

    static OpWork work(BenchmarkParams p) {
        String[] sizes = p.getParam("shape").split("x");
        double weights = Double.parseDouble(sizes[0]) * Double.parseDouble(sizes[1]);
        Precision precision = Precision.valueOf(p.getParam("precision"));
        int rows = Integer.parseInt(p.getParam("rows"));
        return new OpWork(
                String.format(
                        "%s, %d x %s", precision.name().toLowerCase(java.util.Locale.ROOT), rows, p.getParam("shape")),
                precision,
                2 * weights * rows,
                weights * precision.bytes());
    }
}
