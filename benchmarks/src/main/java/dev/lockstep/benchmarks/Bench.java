package dev.lockstep.benchmarks;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code bin/bench}: the commands that are Java; the script has the others. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        description = "Measures Lockstep against the machine's limits.",
        subcommands = {LimitsCommand.class, SuiteCommand.class, SuiteRunCommand.class, OpsCommand.class})
public final class Bench {
    private Bench() {}

    public static void main(String[] arguments) {
        CommandLine line = new CommandLine(new Bench());
        line.setExecutionExceptionHandler((error, command, parsed) -> {
            command.getErr().println("bench: " + (error.getMessage() == null ? error.toString() : error.getMessage()));
            if (System.getenv("LOCKSTEP_DEBUG") != null) {
                error.printStackTrace(command.getErr());
            }
            return 2;
        });
        System.exit(line.execute(arguments));
    }
}
