package dev.lockstep.benchmarks;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.Collection;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code bench ops}. */
@Command(
        name = "ops",
        mixinStandardHelpOptions = true,
        description = "Times ops with JMH, each as a share of what the machine's products and memory allow.")
final class OpsCommand implements Callable<Integer> {
    @Parameters(
            arity = "0..1",
            defaultValue = ".*",
            paramLabel = "PATTERN",
            description = "Benchmarks whose names match, e.g. Gemm, Attention, Rows (default: all).")
    private String pattern;

    @Option(names = "--threads", defaultValue = "0", description = "Worker threads (default: all cores).")
    private int threads;

    @Option(names = "--seconds", defaultValue = "0.5", description = "Of one measurement (default: ${DEFAULT-VALUE}).")
    private double seconds;

    @Option(
            names = "--output",
            paramLabel = "DIR",
            defaultValue = "benchmarks/results",
            description = "Where ops.json and ops.md go (default: ${DEFAULT-VALUE}).")
    private Path output;

    @Override
    public Integer call() throws IOException, RunnerException {
        MachineLimits limits = MachineLimits.measure(OpWork.threads(threads));
        ChainedOptionsBuilder options = new OptionsBuilder()
                .include(pattern)
                .param("threads", String.valueOf(threads))
                .mode(Mode.AverageTime)
                .timeUnit(TimeUnit.NANOSECONDS)
                .forks(1)
                .warmupIterations(4)
                .measurementIterations(5)
                .warmupTime(TimeValue.milliseconds(Math.round(seconds * 1000)))
                .measurementTime(TimeValue.milliseconds(Math.round(seconds * 1000)));
        Collection<RunResult> results = new Runner(options.build()).run();
        ObjectNode report = new ObjectMapper().createObjectNode();
        report.put("date", LocalDate.now().toString()).set("limits", limits.json());
        StringBuilder table =
                new StringBuilder("| op | sizes | µs | GFLOPS | GB/s | of the limit |\n|---|---|---|---|---|---|\n");
        for (RunResult result : results) {
            OpWork work = OpWork.of(result.getParams());
            String name = result.getPrimaryResult().getLabel();
            double took = result.getPrimaryResult().getScore() / 1e9;
            ObjectNode line = report.withArray("results").addObject();
            line.put("op", name).put("sizes", work.description()).put("seconds", took);
            line.put("gflops", work.flops() / took / 1e9).put("gbs", work.bytes() / took / 1e9);
            line.put("limit_share", work.leastSeconds(limits) / took);
            table.append(String.format(
                    Locale.ROOT,
                    "| %s | %s | %.1f | %.1f | %.1f | %.0f %% |%n",
                    name,
                    work.description(),
                    took * 1e6,
                    work.flops() / took / 1e9,
                    work.bytes() / took / 1e9,
                    100 * work.leastSeconds(limits) / took));
        }
        Files.createDirectories(output);
        ObjectMapper json = new ObjectMapper();
        Files.writeString(
                output.resolve("ops.json"),
                json.writerWithDefaultPrettyPrinter().writeValueAsString(report));
        Files.writeString(output.resolve("ops.md"), "Limits: " + limits.json() + "\n\n" + table);
        System.out.print(table);
        return 0;
    }
}
