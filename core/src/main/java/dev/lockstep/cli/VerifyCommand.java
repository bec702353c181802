package dev.lockstep.cli;

import dev.lockstep.verify.Verification;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code lockstep verify}. */
@Command(
        name = "verify",
        mixinStandardHelpOptions = true,
        description = "Runs golden cases at several degrees and compares with the reference's outputs.",
        footer = "Exit status: 0 when nothing failed (with --require-all, and nothing was unsupported), 1 otherwise.")
final class VerifyCommand implements Callable<Integer> {
    @Parameters(arity = "1..*", paramLabel = "DIR", description = "A case folder, or a folder of case folders.")
    private List<Path> folders;

    @Option(names = "--tp", split = ",", defaultValue = "1,2", description = "Degrees (default: ${DEFAULT-VALUE}).")
    private List<Integer> degrees;

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
            description = "What ranks run on: auto, cpu or reference (default: ${DEFAULT-VALUE}).")
    private String device;

    @Option(names = "--split", defaultValue = "max", description = "max or cost (default: ${DEFAULT-VALUE}).")
    private String split;

    @Option(names = "--require-all", description = "Unsupported cases count as failures.")
    private boolean requireAll;

    @Override
    public Integer call() {
        Verification.Counts counts =
                new Verification(device, dtype, cacheDtype, split, System.out).run(folders, degrees);
        return !counts.passes() || (requireAll && counts.unsupported() > 0) ? 1 : 0;
    }
}
