package dev.lockstep.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code bin/lockstep}. */
@Command(
        name = "lockstep",
        mixinStandardHelpOptions = true,
        version = "lockstep 0.1.0",
        description = "Runs HuggingFace transformer checkpoints, split over ranks automatically.",
        subcommands = {VerifyCommand.class, ExplainCommand.class, GenerateCommand.class, EmbedCommand.class})
public final class Lockstep {
    private Lockstep() {}

    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    /** Exit status 2 and one line on standard error for whatever a command throws. */
    static CommandLine commandLine() {
        CommandLine line = new CommandLine(new Lockstep());
        line.setExecutionExceptionHandler((error, command, parsed) -> {
            command.getErr().println("lockstep: " + message(error));
            if (System.getenv("LOCKSTEP_DEBUG") != null) {
                error.printStackTrace(command.getErr());
            }
            return 2;
        });
        return line;
    }

    private static String message(Throwable error) {
        return error.getMessage() == null ? error.toString() : error.getMessage();
    }
}
