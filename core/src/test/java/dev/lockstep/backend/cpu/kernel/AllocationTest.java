package dev.lockstep.backend.cpu.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.backend.Precision;
import dev.lockstep.backend.cpu.memory.VectorSupport;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Whole programs in a JVM of their own: with the Vector API, and without. Each waits for its compiler, so that what it
 * makes of a loop follows from how often that has run, and not from who else runs on the machine.
 */
class AllocationTest {

    @ParameterizedTest
    @EnumSource(value = Precision.class, mode = EnumSource.Mode.EXCLUDE, names = "FP16")
    void aSteadyStepAllocatesNothing(Precision precision) throws IOException, InterruptedException {
        List<String> options = VectorSupport.AVAILABLE ? List.of("--add-modules", "jdk.incubator.vector") : List.of();
        assertThat(run(options, precision)).contains("allocated=0");
    }

    @Test
    void aPlainJvmRunsScalarCodeAndSaysSoOnce() throws IOException, InterruptedException {
        String output = run(List.of(), Precision.BF16);
        assertThat(output).contains("allocated=0").containsOnlyOnce("runs without the Vector API");
    }

    private static String run(List<String> options, Precision precision) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.addAll(List.of("-Xbatch", "-cp", System.getProperty("java.class.path")));
        command.addAll(List.of(SteadyStep.class.getName(), precision.toString()));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }
}
