package dev.lockstep.benchmarks;

import java.util.List;
import picocli.CommandLine.Option;

/** What a run of the suite runs. */
final class SuiteOptions {
    @Option(names = "--model", required = true, paramLabel = "DIR", description = "A checkpoint's folder.")
    String model;

    @Option(names = "--batch-size", defaultValue = "32", description = "Rows at once (default: ${DEFAULT-VALUE}).")
    int batchSize;

    @Option(names = "--dtype", defaultValue = "bf16", description = "fp32, bf16 or int8 (default: ${DEFAULT-VALUE}).")
    String dtype;

    @Option(names = "--prompt-length", defaultValue = "128", description = "Tokens (default: ${DEFAULT-VALUE}).")
    int promptLength;

    @Option(names = "--max-new-tokens", defaultValue = "64", description = "Of each row (default: ${DEFAULT-VALUE}).")
    int newTokens;

    @Option(names = "--split", defaultValue = "cost", description = "cost or max (default: ${DEFAULT-VALUE}).")
    String split;

    @Option(
            names = "--threads",
            defaultValue = "0",
            description = "Cores of all ranks together (default: all of the machine).")
    int threads;

    int cores() {
        return threads > 0 ? threads : Runtime.getRuntime().availableProcessors();
    }

    /** The same options as words of a command line. */
    List<String> words() {
        return List.of(
                "--model", model,
                "--batch-size", String.valueOf(batchSize),
                "--dtype", dtype,
                "--prompt-length", String.valueOf(promptLength),
                "--max-new-tokens", String.valueOf(newTokens),
                "--split", split,
                "--threads", String.valueOf(threads));
    }
}
