package dev.lockstep.cli;

import dev.lockstep.engine.EngineOptions;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** How a model is loaded. */
final class EngineFlags {
    @Option(names = "--tp", defaultValue = "1", paramLabel = "N", description = "Ranks (default: ${DEFAULT-VALUE}).")
    private int tp;

    @Option(names = "--dtype", defaultValue = "fp32", description = "fp32, bf16 or int8 (default: ${DEFAULT-VALUE}).")
    private String dtype;

    @Option(
            names = "--cache-dtype",
            defaultValue = "auto",
            description = "Of cached keys and values: auto (as the weights), fp32, int16 or int8.")
    private String cacheDtype;

    @Option(
            names = "--device",
            paramLabel = "NAME",
            defaultValue = "auto",
            description = "What ranks run on: auto, cpu, or reference, which is slow and plain.")
    private String device;

    @Option(names = "--split", defaultValue = "cost", description = "cost or max (default: ${DEFAULT-VALUE}).")
    private String split;

    @Option(names = "--threads", defaultValue = "0", description = "Of each rank (default: its share of the cores).")
    private int threads;

    @Option(
            names = "--memory-budget",
            paramLabel = "SIZE",
            defaultValue = "0",
            converter = ByteSize.class,
            description = "Of one rank, outside the Java heap, e.g. 8GiB (default: most of what is free).")
    private long memoryBudget;

    @Option(
            names = "--max-batch-tokens",
            paramLabel = "N",
            defaultValue = "0",
            description = "Tokens of one step at most (default: the engine's).")
    private int maxBatchTokens;

    @Option(
            names = "--max-sequences",
            paramLabel = "N",
            defaultValue = "0",
            description = "Sequences of one step at most (default: the engine's).")
    private int maxSequences;

    @Option(
            names = "--no-prefix-sharing",
            description = "Rows that begin alike compute their beginning each by itself, not once for all.")
    private boolean noPrefixSharing;

    @Option(
            names = "--deterministic",
            description = "A row's numbers are the same bits whatever runs beside it; costs speed.")
    private boolean deterministic;

    /** @throws IllegalArgumentException naming the option that is out of range */
    EngineOptions options(Path model) {
        return new EngineOptions(
                        model.toString(), tp, dtype, split, threads, memoryBudget, maxBatchTokens, maxSequences)
                .withCacheDtype(cacheDtype)
                .withPrefixSharing(!noPrefixSharing)
                .withDeterministic(deterministic)
                .withDevice(device);
    }
}
