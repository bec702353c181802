package dev.lockstep.benchmarks;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lockstep.backend.Precision;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code bench suite}. */
@Command(
        name = "suite",
        mixinStandardHelpOptions = true,
        description = "Latency, bandwidth, throughput and memory of a model over degrees of parallelism: a table, JSON"
                + " and three charts.")
final class SuiteCommand implements Callable<Integer> {
    @Mixin
    private SuiteOptions options;

    @Option(names = "--tp", defaultValue = "1", split = ",", description = "Degrees, e.g. 1,2 (default: 1).")
    private List<Integer> degrees;

    @Option(
            names = "--output",
            paramLabel = "DIR",
            defaultValue = "benchmarks/results",
            description = "Where suite-MODEL-DTYPE.json, .md and .png go (default: ${DEFAULT-VALUE}).")
    private Path output;

    @Override
    public Integer call() throws IOException, InterruptedException {
        ObjectMapper json = new ObjectMapper();
        MachineLimits limits = MachineLimits.measure(options.cores());
        List<SuiteResult> results = new ArrayList<>();
        for (int tp : degrees) {
            results.add(json.readValue(measure(tp, limits), SuiteResult.class));
        }
        ObjectNode report = json.createObjectNode();
        report.put("date", LocalDate.now().toString());
        ArrayNode command = report.putArray("options");
        options.words().forEach(command::add);
        report.set("limits", limits.json());
        report.set("results", json.valueToTree(results));
        Files.createDirectories(output);
        String name = "suite-" + Path.of(options.model).getFileName() + "-" + options.dtype;
        String table = SuiteTable.of(options, limits, results);
        Files.writeString(
                output.resolve(name + ".json"),
                json.writerWithDefaultPrettyPrinter().writeValueAsString(report));
        Files.writeString(output.resolve(name + ".md"), table);
        SuiteCharts.write(results, output, name);
        System.out.print(table);
        return 0;
    }

    private String measure(int tp, MachineLimits limits) throws IOException, InterruptedException {
        List<String> words = new ArrayList<>();
        words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        words.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        words.addAll(List.of("-cp", System.getProperty("java.class.path"), Bench.class.getName(), "suite-run"));
        words.addAll(options.words());
        words.addAll(List.of("--tp", String.valueOf(tp)));
        double gemm = limits.gemmGflops().get(Precision.named(options.dtype));
        words.addAll(List.of("--gemm-gflops", String.valueOf(gemm)));
        words.addAll(List.of("--read-gbs", String.valueOf(limits.readGigabytes())));
        Process process = new ProcessBuilder(words)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int status = process.waitFor();
        if (status != 0) {
            throw new IllegalStateException("the run with tp = " + tp + " ended with status " + status + ": see above");
        }
        return text.lines().filter(line -> line.startsWith("{")).findFirst().orElseThrow();
    }
}
