package dev.lockstep.cli;

import dev.lockstep.explain.Explain;
import java.nio.file.Path;
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

    @Option(names = "--tp", defaultValue = "2", description = "Ranks (default: ${DEFAULT-VALUE}).")
    private int tp;

    @Option(names = "--split", defaultValue = "cost", description = "cost or max (default: ${DEFAULT-VALUE}).")
    private String split;

    @Option(names = "--dtype", defaultValue = "bf16", description = "fp32 or bf16 (default: ${DEFAULT-VALUE}).")
    private String dtype;

    @Option(names = "--memory-budget", converter = ByteSize.class, description = "Of one rank, e.g. 32GiB.")
    private Long budget;

    @Option(names = "--prompt-length", defaultValue = "128", description = "Tokens (default: ${DEFAULT-VALUE}).")
    private int promptLength;

    @Option(names = "--max-new-tokens", defaultValue = "128", description = "Tokens (default: ${DEFAULT-VALUE}).")
    private int newTokens;

    @Option(names = "--graph", description = "Print the graph too.")
    private boolean graph;

    @Override
    public Integer call() {
        System.out.print(new Explain(tp, split, dtype, budget, promptLength, newTokens, graph).of(model));
        return 0;
    }
}
