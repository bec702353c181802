package dev.lockstep.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The system itself has no memory left in mid-run: steps become smaller, and every row gets its text. */
@EnabledOnOs(value = OS.LINUX, architectures = "amd64", disabledReason = "products in Java take no memory of their own")
class StarvedProcessTest {
    /** Enough for what the JVM takes in small pieces, too little for many products of half a megabyte. */
    private static final long LEFT = 1 << 20;

    private static final long NO_LIMIT = -1;

    @ParameterizedTest
    @CsvSource({"llama, fp32", "opt, int8", "t5, bf16"})
    void rowsGoOnInSmallerSteps(String family, String precision) throws IOException, InterruptedException {
        boolean found = Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, "prlimit")));
        assumeTrue(found, "prlimit (util-linux) is not on the PATH: no process can be limited once it runs");

        List<String> free = run(family, precision, NO_LIMIT);
        List<String> starved = run(family, precision, LEFT);

        assertThat(lines(free, StarvedProcess.FAILED)).isEmpty();
        assertThat(lines(free, StarvedProcess.SLAB)).containsExactly("of 268435456 bytes");
        assertThat(lines(starved, StarvedProcess.ROW))
                .isEqualTo(lines(free, StarvedProcess.ROW))
                .hasSize(24);
        assertThat(lines(starved, StarvedProcess.FAILED))
                .isNotEmpty()
                .allMatch(line -> line.contains("oneDNN got no memory from the system"))
                .allMatch(line -> line.contains("spark.lockstep.maxBatchTokens"));
        assertThat(lines(starved, StarvedProcess.SLAB))
                .singleElement()
                .asString()
                .startsWith("the C library has no 268435456 bytes left for a slab");
    }

    private static List<String> lines(List<String> output, String kind) {
        return output.stream()
                .filter(line -> line.startsWith(kind))
                .map(line -> line.substring(kind.length()))
                .toList();
    }

    /** Without a compiler, which would take memory too and end the process where it gets none; with a heap of one size. */
    private static List<String> run(String family, String precision, long left)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xint", "-XX:+UseSerialGC", "-Xms128m", "-Xmx128m"));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), StarvedProcess.class.getName()));
        String model = Path.of("src/test/resources/goldens", family).toString();
        command.addAll(List.of(model, precision, String.valueOf(left)));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output.lines().toList();
    }
}
