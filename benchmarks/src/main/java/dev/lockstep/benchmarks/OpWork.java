package dev.lockstep.benchmarks;

import dev.lockstep.backend.Precision;
import org.openjdk.jmh.infra.BenchmarkParams;

/**
 * What one call of a benchmark has to do.
 *
 * @param description sizes, for a table
 * @param flops floating point operations
 * @param bytes bytes that must be read, and for ops over rows written: the least, since caches may hold some
 */
record OpWork(String description, Precision precision, double flops, double bytes) {

    /** The work of a benchmark, by its class. */
    static OpWork of(BenchmarkParams params) {
        String name = params.getBenchmark();
        if (name.contains(GemmBenchmark.class.getSimpleName())) {
            return GemmBenchmark.work(params);
        }
        return name.contains(AttentionBenchmark.class.getSimpleName())
                ? AttentionBenchmark.work(params)
                : RowsBenchmark.work(params);
    }

    /** Worker threads; 0 stands for all cores. */
    static int threads(int asked) {
        return asked > 0 ? asked : Runtime.getRuntime().availableProcessors();
    }

    /** The least seconds a machine of these limits takes: its slower ceiling. */
    double leastSeconds(MachineLimits limits) {
        double computing = flops / (limits.gemmGflops().get(precision) * 1e9);
        return Math.max(computing, bytes / (limits.readGigabytes() * 1e9));
    }
}
