package dev.lockstep.benchmarks;

import dev.lockstep.backend.Precision;
import dev.lockstep.backend.cpu.gemm.GemmEngine;
import dev.lockstep.backend.cpu.gemm.GemmEngines;
import dev.lockstep.backend.cpu.gemm.PackedWeight;
import dev.lockstep.backend.cpu.kernel.Activation;
import dev.lockstep.backend.cpu.memory.Matrix;
import dev.lockstep.backend.cpu.memory.Slab;
import dev.lockstep.backend.cpu.memory.Workers;
import java.util.Arrays;
import java.util.Locale;

/** Rates of the matrix products a decoder runs, in GFLOPS: what steps are measured against. */
public final class GemmRates {
    private static final int[][] SHAPES = {{768, 3072}, {3072, 768}, {768, 2304}, {2048, 5632}};
    private static final int[] ROWS = {1, 16, 64, 256};
    private static final int RUNS = 9;

    private GemmRates() {}

    /** Arguments: worker threads (default: all cores). */
    public static void main(String[] arguments) {
        int threads = arguments.length > 0
                ? Integer.parseInt(arguments[0])
                : Runtime.getRuntime().availableProcessors();
        try (Workers workers = new Workers(threads);
                GemmEngine engine = GemmEngines.open()) {
            System.out.println(engine.name() + ", " + threads + " threads, median of " + RUNS + " runs");
            for (Precision precision : Precision.values()) {
                for (int[] shape : SHAPES) {
                    measure(engine, workers, precision, shape[0], shape[1]);
                }
            }
        }
    }

    private static void measure(GemmEngine engine, Workers workers, Precision precision, int inputs, int outputs) {
        int most = ROWS[ROWS.length - 1];
        try (PackedWeight weight = engine.pack(
                        outputs,
                        inputs,
                        (from, to, target) -> target.position(target.position() + (to - from) * inputs),
                        precision,
                        null,
                        workers,
                        most);
                Slab source = Slab.floats((long) most * inputs, "benchmark input");
                Slab target = Slab.floats((long) most * outputs, "benchmark output")) {
            Matrix x = new Matrix(source, 0, inputs);
            Matrix y = new Matrix(target, 0, outputs);
            for (int rows : ROWS) {
                double flops = 2.0 * rows * inputs * outputs;
                int repeats = (int) Math.max(3, 2e9 / flops);
                double[] rates = new double[RUNS];
                for (int run = -2; run < RUNS; run++) {
                    long start = System.nanoTime();
                    for (int i = 0; i < repeats; i++) {
                        weight.multiply(workers, x, rows, y, Activation.NONE);
                    }
                    if (run >= 0) {
                        rates[run] = repeats * flops / (System.nanoTime() - start);
                    }
                }
                Arrays.sort(rates);
                System.out.println(String.format(
                        Locale.ROOT,
                        "%s %4d x %4d x %4d %8.1f GFLOPS",
                        precision,
                        rows,
                        inputs,
                        outputs,
                        rates[RUNS / 2]));
            }
        }
    }
}
