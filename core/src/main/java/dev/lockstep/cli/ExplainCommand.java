package dev.lockstep.cli;

import dev.lockstep.explain.Explain;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code lockstep explain}. */
@Command(
        name = "explain",
        mixinStandardHelpOptions = true,
        description =
                "Prints what is split along what, where ranks meet, what each rank holds and how large a batch fits."
                        + " Needs config.json only.")
final class ExplainCommand implements Callable<Integer> {
    @Parameters(paramLabel = "MODEL_DIR", description = "A checkpoint's folder, or one with just its config.json.")
    private Path model;

    @Option(
            names = "--tp",
            split = ",",
            paramLabel = "N",
            defaultValue = "2",
            description = "Ranks; several, as in 1,2,4, are compared (default: ${DEFAULT-VALUE}).")
    private List<Integer> tp;

    @Option(names = "--split", defaultValue = "cost", description = "cost or max (default: ${DEFAULT-VALUE}).")
    private String split;

    @Option(
            names = "--dtype",
            defaultValue = "bf16",
            description = "fp32, bf16 or int8, or fp16 to plan for a device (default: ${DEFAULT-VALUE}).")
    private String dtype;

    @Option(
            names = "--memory-budget",
            paramLabel = "SIZE",
            converter = ByteSize.class,
            description = "Of one rank, e.g. 32GiB: how many rows fit is printed, too.")
    private Long budget;

    @Option(
            names = "--reserve",
            paramLabel = "SIZE",
            converter = ByteSize.class,
            description = "Of the budget, left alone (default: what the engine leaves, 64MiB; in fp16 1/32).")
    private Long reserve;

    @Option(
            names = "--max-batch-tokens",
            paramLabel = "N",
            defaultValue = "0",
            description = "Tokens of the largest step (default: the engine's).")
    private int maxBatchTokens;

    @Option(
            names = "--prompt-length",
            split = ",",
            paramLabel = "N",
            defaultValue = "128",
            description = "Tokens of a row; several are paired with as many of --max-new-tokens"
                    + " (default: ${DEFAULT-VALUE}).")
    private List<Integer> promptLengths;

    @Option(
            names = "--max-new-tokens",
            split = ",",
            paramLabel = "N",
            defaultValue = "128",
            description = "Tokens (default: ${DEFAULT-VALUE}).")
    private List<Integer> newTokens;

    @Option(names = "--graph", description = "Print the graph too.")
    private boolean graph;

    @Override
    public Integer call() {
        Explain.Memory memory = budget == null ? null : new Explain.Memory(budget, reserve, maxBatchTokens);
        System.out.print(new Explain(tp, split, dtype, memory, rows(), graph).of(model));
        return 0;
    }

    private List<Explain.Rows> rows() {
        if (promptLengths.size() != newTokens.size()) {
            throw new IllegalArgumentException("--prompt-length has " + promptLengths.size() + " lengths and"
                    + " --max-new-tokens " + newTokens.size() + ": expected as many of each, e.g. 128,17 and 128,50");
        }
        List<Explain.Rows> rows = new ArrayList<>();
        for (int i = 0; i < promptLengths.size(); i++) {
            rows.add(new Explain.Rows(promptLengths.get(i), newTokens.get(i)));
        }
        return rows;
    }
}
