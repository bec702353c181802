package dev.lockstep.benchmarks;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** The suite's results as a Markdown table. */
final class SuiteTable {
    private SuiteTable() {}

    static String of(SuiteOptions options, MachineLimits limits, List<SuiteResult> results) {
        StringBuilder text = new StringBuilder();
        text.append(String.format(
                Locale.ROOT,
                "%s, %s: batch %d, prompts of %d tokens, %d new tokens; %d cores over all ranks; limits: %s GFLOPS,"
                        + " %.1f GB/s.%n%n",
                Path.of(options.model).getFileName(),
                options.dtype,
                options.batchSize,
                options.promptLength,
                options.newTokens,
                limits.threads(),
                limits.json().get("gemm_gflops").toString().replace("\"", "").replace(":", " "),
                limits.readGigabytes()));
        text.append(
                "| tp | ms a token p50 / p90 / p99 | first token s | tokens/s | TFLOPS a rank | of the product limit"
                        + " | weights read GB/s | of the memory limit | allocated MiB a rank | reserved MiB | peak MiB"
                        + " | heap bytes a token: batch / in decode steps / between them | load s | warm-up s |\n");
        text.append("|---|---|---|---|---|---|---|---|---|---|---|---|---|---|\n");
        for (SuiteResult r : results) {
            text.append(String.format(
                    Locale.ROOT,
                    "| %d | %.1f / %.1f / %.1f | %.2f | %.1f | %.3f | %.0f %% | %.1f | %.0f %% | %d | %d | %d | %s |"
                            + " %.1f | %.1f |%n",
                    r.tp(),
                    r.p50(),
                    r.p90(),
                    r.p99(),
                    r.firstTokenSeconds(),
                    r.tokensPerSecond(),
                    r.teraflopsPerRank(),
                    100 * r.gemmShare(),
                    r.readGigabytes(),
                    100 * r.bandwidthShare(),
                    r.allocatedBytes() >> 20,
                    r.reservedBytes() >> 20,
                    r.peakBytes() >> 20,
                    r.heapPerToken().cell(),
                    r.loadSeconds(),
                    r.warmUpSeconds()));
        }
        return text.toString();
    }
}
