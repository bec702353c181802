package dev.lockstep.benchmarks;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lockstep.backend.Precision;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code bench suite-run}: one degree in a process of its own, so that its peak memory is its own. */
@Command(name = "suite-run", hidden = true, description = "One degree of parallelism of the suite.")
final class SuiteRunCommand implements Callable<Integer> {
    @Mixin
    private SuiteOptions options;

    @Option(names = "--tp", required = true)
    private int tp;

    @Option(names = "--gemm-gflops", required = true, description = "The machine's limit at this precision.")
    private double gemmGflops;

    @Option(names = "--read-gbs", required = true, description = "The machine's limit.")
    private double readGigabytes;

    @Override
    public Integer call() {
        MachineLimits limits = new MachineLimits(
                options.cores(), "", Map.of(Precision.named(options.dtype), gemmGflops), readGigabytes);
        ObjectMapper json = new ObjectMapper();
        ObjectNode result = json.valueToTree(new SuiteRun(options, tp).run(limits));
        System.out.println(result);
        return 0;
    }
}
