package dev.lockstep.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.backend.Precision;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** The suite on the demo's tiny model: what it counts must fit what it was asked to run. */
final class SuiteRunTest {
    private static final MachineLimits LIMITS = new MachineLimits(2, "test", Map.of(Precision.FP32, 100.0), 10);

    @TempDir
    private Path folder;

    private static SuiteOptions options() {
        SuiteOptions options = new SuiteOptions();
        CommandLine.populateCommand(
                options,
                "--model=../examples/dates/model",
                "--batch-size=3",
                "--dtype=fp32",
                "--prompt-length=9",
                "--max-new-tokens=5",
                "--threads=2");
        return options;
    }

    @ParameterizedTest
    @CsvSource({"1", "2"})
    void countsWhatWasRun(int tp) {
        SuiteResult result = new SuiteRun(options(), tp).run(LIMITS);

        assertThat(result.tp()).isEqualTo(tp);
        assertThat(result.p50()).isPositive().isLessThanOrEqualTo(result.p90());
        assertThat(result.p90()).isLessThanOrEqualTo(result.p99());
        assertThat(result.gemmShare() * 100).isCloseTo(result.teraflopsPerRank() * tp * 1e3, Offset.offset(1e-6));
        assertThat(result.bandwidthShare() * 10).isCloseTo(result.readGigabytes(), Offset.offset(1e-6));
        assertThat(result.allocatedBytes()).isGreaterThan(result.weightBytes()).isLessThan(result.reservedBytes());
        assertThat(result.heapPerToken().complete()).isTrue();
        // At least the tokens themselves: four bytes each in the row, and again in the completion.
        assertThat(result.heapPerToken().batch()).isGreaterThan(8);
        assertThat(result.heapPerToken().inSteps()).isNotNegative();
        assertThat(result.heapPerToken().betweenSteps()).isNotNegative();
    }

    @Test
    void optionsAreTheSameInAnotherProcess() {
        SuiteOptions there = new SuiteOptions();
        CommandLine.populateCommand(there, options().words().toArray(String[]::new));

        assertThat(there.words()).isEqualTo(options().words());
    }

    @Test
    void resultsBecomeATableAndThreeCharts() throws Exception {
        HeapUse heap = new HeapUse(30, 2.5, 4, true);
        HeapUse more = new HeapUse(50, 0, 8.25, false);
        SuiteResult one = new SuiteResult(
                1, 2, 3, 0.5, 10, 11, 12, 300, 0.2, 0.25, 5, 0.5, 1 << 20, 2 << 20, 3 << 20, 4 << 20, heap);
        SuiteResult two = new SuiteResult(
                2, 2, 3, 0.5, 6, 7, 8, 500, 0.1, 0.25, 5, 0.5, 1 << 20, 2 << 20, 3 << 20, 4 << 20, more);

        String table = SuiteTable.of(options(), LIMITS, List.of(one, two));
        SuiteCharts.write(List.of(one, two), folder, "name");

        assertThat(table.lines().filter(line -> line.startsWith("| "))).hasSize(3);
        assertThat(table)
                .contains(
                        "| 2 | 6.0 / 7.0 / 8.0 | 0.50 | 500.0 | 0.100 | 25 % | 5.0 | 50 % | 2 | 3 | 4 | at least 50 / 0.0 / 8.3 |");
        assertThat(table).contains("| 2 | 3 | 4 | 30 / 2.5 / 4.0 |");
        for (String chart : List.of("latency", "throughput", "memory")) {
            assertThat(Files.size(folder.resolve("name-" + chart + ".png"))).isGreaterThan(1000);
        }
    }
}
