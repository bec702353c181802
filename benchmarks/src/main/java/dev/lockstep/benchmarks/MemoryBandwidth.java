package dev.lockstep.benchmarks;

import dev.lockstep.backend.cpu.memory.Workers;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** How fast memory is read: sums of arrays far larger than caches, as McCalpin's STREAM (1995) measures copies. */
final class MemoryBandwidth {
    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    /** 128 MiB for each thread. */
    private static final int FLOATS = 32 << 20;

    private static final int RUNS = 8;

    private final float[][] arrays;
    private final float[] sums;

    private MemoryBandwidth(int threads) {
        arrays = new float[threads][];
        sums = new float[threads];
    }

    /** 10^9 bytes a second, the best of some runs. */
    static double readGigabytes(int threads) {
        MemoryBandwidth memory = new MemoryBandwidth(threads);
        double best = 0;
        try (Workers workers = new Workers(threads)) {
            workers.run((worker, all) -> memory.arrays[worker] = new float[FLOATS]);
            for (int run = -2; run < RUNS; run++) {
                long start = System.nanoTime();
                workers.run((worker, all) -> memory.sums[worker] = sum(memory.arrays[worker]));
                if (run >= 0) {
                    best = Math.max(best, (double) threads * FLOATS * Float.BYTES / (System.nanoTime() - start));
                }
            }
        }
        for (float sum : memory.sums) {
            if (sum != 0) {
                throw new IllegalStateException("zeros were summed to " + sum);
            }
        }
        return best;
    }

    private static float sum(float[] values) {
        int width = SPECIES.length();
        FloatVector a = FloatVector.zero(SPECIES);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        for (int i = 0; i < values.length; i += 4 * width) {
            a = a.add(FloatVector.fromArray(SPECIES, values, i));
            b = b.add(FloatVector.fromArray(SPECIES, values, i + width));
            c = c.add(FloatVector.fromArray(SPECIES, values, i + 2 * width));
            d = d.add(FloatVector.fromArray(SPECIES, values, i + 3 * width));
        }
        return a.add(b).add(c.add(d)).reduceLanes(VectorOperators.ADD);
    }
}
