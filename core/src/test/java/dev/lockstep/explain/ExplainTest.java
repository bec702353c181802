package dev.lockstep.explain;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Reports against those that were read and found right, kept in {@code src/test/resources/explain}. */
final class ExplainTest {
    private static final Path EXPECTED = Path.of("src/test/resources/explain");
    private static final Path GOLDENS = Path.of("src/test/resources/goldens");
    private static final Path CONFIGS = Path.of("../examples/configs");
    private static final Explain.Memory MEMORY = new Explain.Memory(32L << 30, null, 0);

    private static String report(Path folder, int tp, String split) {
        return new Explain(List.of(tp), split, "bf16", MEMORY, List.of(new Explain.Rows(128, 128)), false).of(folder);
    }

    private static void assertReport(String report, String name) throws IOException {
        assertThat(report)
                .as(
                        "%s: when the change is meant, write it with bin/lockstep explain ... --memory-budget 32GiB, see docs/memory.md",
                        name)
                .isEqualTo(Files.readString(EXPECTED.resolve(name + ".txt")));
    }

    @ParameterizedTest
    @CsvSource({"t5-11b,1", "t5-11b,2", "t5-11b,4", "opt-13b,1", "opt-13b,2", "opt-13b,4"})
    void plansOfLargeModelsFromTheirConfigurationAlone(String model, int tp) throws IOException {
        assertReport(report(CONFIGS.resolve(model), tp, "cost"), model + "-tp" + tp);
    }

    @ParameterizedTest
    @CsvSource({"gpt-j,4", "llama,3", "bloom,2", "t5-hub,5", "bert,2"})
    void plansOfEveryKindOfBlock(String model, int tp) throws IOException {
        assertReport(report(GOLDENS.resolve(model), tp, "max"), model + "-tp" + tp);
    }

    /** As docs/memory.md compares them: a device of 32 GiB of which 31 can be used, everything in two bytes. */
    @ParameterizedTest
    @ValueSource(strings = {"t5-11b", "opt-13b"})
    void plansForDevices(String model) throws IOException {
        Explain.Memory memory = new Explain.Memory(32L << 30, 1L << 30, 0);
        List<Explain.Rows> rows =
                List.of(new Explain.Rows(128, 128), new Explain.Rows(17, 50), new Explain.Rows(512, 512));

        assertReport(
                new Explain(List.of(1, 2, 4), "cost", "fp16", memory, rows, false).of(CONFIGS.resolve(model)),
                model + "-fp16");
    }

    /** What the published models count, in two bytes each. */
    @ParameterizedTest
    @CsvSource({"t5-11b,22614642688", "opt-13b,25706946560"})
    void weightsAreThoseOfThePublishedModels(String model, long bytes) {
        assertThat(report(CONFIGS.resolve(model), 1, "cost"))
                .containsPattern("the checkpoint +" + String.format("%,d", bytes) + " bytes");
    }

    @Test
    void oneExchangeForAParallelBlockTwoForASerialOne() {
        assertThat(report(GOLDENS.resolve("gpt-j"), 2, "max")).contains("all-reduces per layer: 1\n");
        assertThat(report(GOLDENS.resolve("llama"), 2, "max")).contains("all-reduces per layer: 2\n");
    }

    /** 5 layers keep 1,999 tokens, 29 keep 7 blocks of them at most: 125 + 6 * 7 blocks of 5 layers. */
    @Test
    void windowsBoundTheCacheOfARow(@TempDir Path folder) throws IOException {
        ObjectMapper json = new ObjectMapper();
        ObjectNode config =
                (ObjectNode) json.readTree(GOLDENS.resolve("qwen2/config.json").toFile());
        config.put("num_hidden_layers", 34).put("max_window_layers", 5);
        config.put("use_sliding_window", true).put("sliding_window", 90);
        json.writeValue(folder.resolve("config.json").toFile(), config);
        int layer = 2
                * config.get("num_key_value_heads").asInt()
                * (config.get("hidden_size").asInt()
                                / config.get("num_attention_heads").asInt()
                                * 2
                        + Float.BYTES);

        List<Explain.Rows> rows = List.of(new Explain.Rows(1000, 1000));
        String report = new Explain(List.of(1), "cost", "bf16", MEMORY, rows, false).of(folder);

        assertThat(report)
                .containsPattern("cache per token: " + String.format("%,d", 34 * layer) + " bytes")
                .containsPattern("layers with a window of 90 +29 +" + String.format("%,d", 29 * layer)
                        + " bytes.*, for at most 112 tokens of a sequence")
                .contains("167 for 1,999 tokens")
                .containsPattern("cache of a row +" + String.format("%,d", (125 + 6 * 7) * 16 * 5 * layer) + " bytes");
    }

    @Test
    void keysThatNothingReadsAreWarnedOf(@TempDir Path folder) throws IOException {
        List<String> lines = Files.readAllLines(CONFIGS.resolve("opt-13b/config.json"));
        lines.add(1, "  \"attention_wobble\": 0.25,");
        Files.write(folder.resolve("config.json"), lines);

        assertThat(report(folder, 1, "cost"))
                .containsPattern("warning: keys of config.json that nothing reads.*\n +attention_wobble +0.25\n");
    }
}
