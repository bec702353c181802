package dev.lockstep.verify;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** All golden cases of the repository through the whole engine, with everything split that can be. */
class GoldenCasesVerifyTest {
    private static final Path GOLDENS = Path.of("src/test/resources/goldens");

    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

    private Verification.Counts verify(String dtype, List<Integer> degrees, Path... paths) {
        return verify(dtype, "auto", degrees, paths);
    }

    private Verification.Counts verify(String dtype, String cacheDtype, List<Integer> degrees, Path... paths) {
        return verify("cpu", dtype, cacheDtype, degrees, paths);
    }

    private Verification.Counts verify(
            String device, String dtype, String cacheDtype, List<Integer> degrees, Path... paths) {
        PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8);
        return new Verification(device, dtype, cacheDtype, "max", out).run(List.of(paths), degrees);
    }

    private String printed() {
        return printed.toString(StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @CsvSource({"cpu,1", "cpu,2", "cpu,3", "cpu,5", "reference,1", "reference,2", "reference,3"})
    void everyCasePassesInFp32(String device, int tp) {
        Verification.Counts counts = verify(device, "fp32", "auto", List.of(tp), GOLDENS);
        assertThat(counts.failed()).as(printed()).isZero();
        assertThat(counts.unsupported()).as(printed()).isZero();
        assertThat(counts.passed()).as(printed()).isGreaterThanOrEqualTo(60);
    }

    /** Rows in tiles, which steps as small as these have not by themselves. */
    @ParameterizedTest
    @CsvSource({"fp32,1", "fp32,2", "bf16,2"})
    void everyCasePassesInTiles(String dtype, int tp) {
        System.setProperty("lockstep.cpu.tileRows", "3");
        try {
            Verification.Counts counts = verify(dtype, List.of(tp), GOLDENS);
            assertThat(counts.failed()).as(printed()).isZero();
            assertThat(counts.passed()).as(printed()).isGreaterThanOrEqualTo(60);
        } finally {
            System.clearProperty("lockstep.cpu.tileRows");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void everyCaseIsCloseInBf16(int tp) {
        Verification.Counts counts = verify("bf16", List.of(tp), GOLDENS);
        assertThat(counts.failed()).as(printed()).isZero();
        assertThat(counts.unsupported()).as(printed()).isZero();
    }

    /** Random weights are louder than trained ones: single folders may miss the bar, all together must not. */
    @ParameterizedTest
    @CsvSource({"int16,1", "int8,1", "int16,2", "int8,2"})
    void choicesOfAllFoldersAgreeInInt8(String cacheDtype, int tp) {
        Verification.Counts counts = verify("int8", cacheDtype, List.of(tp), GOLDENS);
        assertThat(counts.agreement().passes()).as(printed()).isTrue();
        assertThat(counts.agreement().positions()).as(printed()).isGreaterThan(4000);
        assertThat(counts.unsupported()).as(printed()).isZero();
        assertThat(printed()).endsWith(counts.agreement() + System.lineSeparator());
    }

    @ParameterizedTest
    @CsvSource({"int16,1", "int16,2", "int16,3", "int8,1", "int8,2", "int8,3"})
    void familiesOfEveryKindPassInInt8(String cacheDtype, int tp) {
        Path[] families = Stream.of(
                        "llama", "qwen2", "gpt2", "opt", "t5", "gpt-neox", "mistral", "bert-encoder", "bert-qa")
                .map(GOLDENS::resolve)
                .toArray(Path[]::new);
        Verification.Counts counts = verify("int8", cacheDtype, List.of(tp), families);
        assertThat(counts.failed()).as(printed()).isZero();
        assertThat(counts.passed()).isEqualTo(families.length);
        assertThat(counts.passes()).as(printed()).isTrue();
    }

    @Test
    void theLargestOfTwoRanksHoldsHalf() {
        verify("fp32", List.of(2), GOLDENS);
        Matcher line = Pattern.compile("PASS (\\S+) .*weights=(\\d+)/(\\d+)").matcher(printed());
        int lines = 0;
        while (line.find()) {
            lines++;
            double share = Double.parseDouble(line.group(2)) / Double.parseDouble(line.group(3));
            assertThat(share).as(line.group()).isLessThan(0.5 * 1.15);
        }
        assertThat(lines).isGreaterThanOrEqualTo(60);
    }

    @Test
    void ranksMeetAsOftenAsPlanned() {
        verify("fp32", List.of(2), GOLDENS.resolve("gpt-j"), GOLDENS.resolve("llama"), GOLDENS.resolve("t5"));
        assertThat(printed())
                .containsPattern("gpt-j tp=2 .* collectives/layer=1\n")
                .containsPattern("llama tp=2 .* collectives/layer=2\n")
                .containsPattern("t5 tp=2 .* collectives/layer=decoder.block 3, encoder.block 2\n");
    }

    @Test
    void anUnsupportedFamilyIsSaidNotFailed(@TempDir Path folder) throws IOException {
        Path unknown = Files.createDirectory(folder.resolve("unknown"));
        try (Stream<Path> files = Files.list(GOLDENS.resolve("llama"))) {
            for (Path file : files.toList()) {
                Files.copy(file, unknown.resolve(file.getFileName()));
            }
        }
        Path config = unknown.resolve("config.json");
        Files.writeString(config, Files.readString(config).replace("\"llama\"", "\"lamb\""));
        Verification.Counts counts = verify("fp32", List.of(1), unknown);
        assertThat(counts).isEqualTo(new Verification.Counts(0, 0, 1, Agreement.NONE));
        assertThat(printed()).startsWith("UNSUPPORTED unknown tp=1 ").contains("nearest: llama");
    }
}
