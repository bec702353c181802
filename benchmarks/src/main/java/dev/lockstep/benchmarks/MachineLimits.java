package dev.lockstep.benchmarks;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lockstep.backend.Precision;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/**
 * What the machine can do with a number of threads, measured: the ceilings of a roofline (Williams et al. 2009).
 *
 * @param threads worker threads
 * @param engine what multiplies
 * @param gemmGflops best rate of a matrix product by precision of the weights, in 10^9 operations a second
 * @param readGigabytes memory read in a second, in 10^9 bytes
 */
record MachineLimits(int threads, String engine, Map<Precision, Double> gemmGflops, double readGigabytes) {
    private static final int[][] SHAPES = {{768, 3072}, {4096, 4096}};
    private static final int[] ROWS = {64, 256, 1024};

    static MachineLimits measure(int threads) {
        Map<Precision, Double> rates = new EnumMap<>(Precision.class);
        String engine = null;
        for (Precision precision : Precision.values()) {
            if (precision == Precision.FP16) {
                continue;
            }
            double best = 0;
            for (int[] shape : SHAPES) {
                try (GemmCase products = new GemmCase(threads, precision, shape[0], shape[1], ROWS[ROWS.length - 1])) {
                    engine = products.engineName();
                    for (int rows : ROWS) {
                        best = Math.max(best, products.bestGflops(rows));
                    }
                }
            }
            rates.put(precision, best);
        }
        return new MachineLimits(threads, engine, rates, MemoryBandwidth.readGigabytes(threads));
    }

    /** {@code {"threads", "engine", "gemm_gflops": {"fp32", ...}, "read_gbs"}}. */
    ObjectNode json() {
        ObjectNode node = new ObjectMapper().createObjectNode();
        node.put("threads", threads).put("engine", engine);
        ObjectNode rates = node.putObject("gemm_gflops");
        gemmGflops.forEach((precision, rate) ->
                rates.put(precision.name().toLowerCase(Locale.ROOT), Math.round(rate * 10) / 10.0));
        return node.put("read_gbs", Math.round(readGigabytes * 100) / 100.0);
    }
}
