package dev.lockstep.benchmarks;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code bench limits}. */
@Command(
        name = "limits",
        mixinStandardHelpOptions = true,
        description = "Prints what the machine can do, as JSON: matrix products by precision, reading memory.")
final class LimitsCommand implements Callable<Integer> {
    @Option(names = "--threads", defaultValue = "0", description = "Worker threads (default: all cores).")
    private int threads;

    @Override
    public Integer call() {
        int count = threads > 0 ? threads : Runtime.getRuntime().availableProcessors();
        System.out.println(MachineLimits.measure(count).json());
        return 0;
    }
}
