package dev.lockstep.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.backend.cpu.memory.VectorSupport;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Decoding end to end, from one step to the next: scheduler, ranks, choice of tokens. */
class SteadyDecodingTest {
    static final int ROWS = 32;
    static final int NEW_TOKENS = 40;

    /** An array or boxed number for each row takes 16 and more. */
    private static final long MOST_BYTES_A_TOKEN = 8;

    @ParameterizedTest
    @CsvSource({"opt, bf16, 1", "t5, fp32, 1", "llama, int8, 1", "llama, fp32, 2"})
    void aStepMakesNothingForEachRow(String family, String precision, int tp) throws Exception {
        assertThat(bytesOfStep(family, precision, tp) / ROWS).isLessThanOrEqualTo(MOST_BYTES_A_TOKEN);
    }

    private static long bytesOfStep(String family, String precision, int tp) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        if (VectorSupport.AVAILABLE) {
            command.addAll(List.of("--add-modules", "jdk.incubator.vector"));
        }
        String model = Path.of("src/test/resources/goldens", family).toString();
        // Waits for its compiler, which is late where others run too.
        command.addAll(List.of("-Xbatch", "-cp", System.getProperty("java.class.path")));
        command.add(SteadyDecoding.class.getName());
        command.addAll(List.of(model, precision, String.valueOf(tp)));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        String line = output.lines()
                .filter(each -> each.startsWith("bytes a step="))
                .findFirst()
                .orElseThrow();
        return Long.parseLong(line.substring(line.indexOf('=') + 1));
    }
}
