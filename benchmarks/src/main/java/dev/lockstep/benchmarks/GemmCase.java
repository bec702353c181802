package dev.lockstep.benchmarks;

import dev.lockstep.backend.Precision;
import dev.lockstep.backend.cpu.gemm.GemmEngine;
import dev.lockstep.backend.cpu.gemm.GemmEngines;
import dev.lockstep.backend.cpu.gemm.PackedWeight;
import dev.lockstep.backend.cpu.kernel.Activation;
import dev.lockstep.backend.cpu.memory.Matrix;
import dev.lockstep.backend.cpu.memory.Memory;
import dev.lockstep.backend.cpu.memory.Slab;
import dev.lockstep.backend.cpu.memory.Workers;
import java.nio.FloatBuffer;
import java.util.SplittableRandom;

/** A linear map with its input and output, [rows, inputs] to [rows, outputs], ready to be run again and again. */
final class GemmCase implements AutoCloseable {
    private static final int RUNS = 5;
    /** Operations of one timed run: some milliseconds. */
    private static final double RUN_FLOPS = 4e9;

    private final Workers workers;
    private final GemmEngine engine;
    private final PackedWeight weight;
    private final Slab input;
    private final Slab output;
    private final Matrix x;
    private final Matrix y;
    private final double flopsPerRow;

    /** @param maxRows most rows of a product */
    GemmCase(int threads, Precision precision, int inputs, int outputs, int maxRows) {
        this.workers = new Workers(threads);
        this.engine = GemmEngines.open(Memory.UNCOUNTED);
        this.weight = engine.pack(
                outputs,
                inputs,
                (from, to, panel) -> fill(panel, from, (to - from) * inputs),
                precision,
                null,
                workers,
                maxRows);
        this.input = Memory.UNCOUNTED.floats((long) maxRows * inputs, "benchmark input");
        this.output = Memory.UNCOUNTED.floats((long) maxRows * outputs, "benchmark output");
        this.x = new Matrix(input, 0, inputs);
        this.y = new Matrix(output, 0, outputs);
        this.flopsPerRow = 2.0 * inputs * outputs;
        fill(input.bytes().asFloatBuffer(), 0, maxRows * inputs);
    }

    /** Numbers as weights have them: zeros would be multiplied faster on some machines. */
    static void fill(FloatBuffer target, long seed, int count) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < count; i++) {
            target.put((float) (random.nextDouble() - 0.5));
        }
    }

    String engineName() {
        return engine.name();
    }

    void multiply(int rows) {
        weight.multiply(workers, x, rows, y, Activation.NONE);
    }

    double flops(int rows) {
        return flopsPerRow * rows;
    }

    /** Bytes of the weight: what a product of few rows has to read. */
    long weightBytes() {
        return weight.bytes();
    }

    /** The best rate of some runs, in 10^9 operations a second: what the machine can do when nothing disturbs it. */
    double bestGflops(int rows) {
        int repeats = (int) Math.max(1, RUN_FLOPS / flops(rows));
        double best = 0;
        for (int run = -2; run < RUNS; run++) {
            long start = System.nanoTime();
            for (int i = 0; i < repeats; i++) {
                multiply(rows);
            }
            if (run >= 0) {
                best = Math.max(best, repeats * flops(rows) / (System.nanoTime() - start));
            }
        }
        return best;
    }

    @Override
    public void close() {
        try (workers;
                engine;
                input;
                output) {
            weight.close();
        }
    }
}
