package dev.lockstep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command as users give it, on a tiny encoder. */
final class EmbedCommandTest {
    private static final String MODEL = "src/test/resources/goldens/bert-encoder";
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path folder;

    private final PrintStream screen = System.out;
    private final PrintStream errors = System.err;
    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
    private final ByteArrayOutputStream complained = new ByteArrayOutputStream();

    @BeforeEach
    void watch() {
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(complained, true, StandardCharsets.UTF_8));
    }

    @AfterEach
    void letGo() {
        System.setOut(screen);
        System.setErr(errors);
    }

    private int embed(String model, String rows, String... arguments) throws IOException {
        Path input = Files.writeString(folder.resolve("rows.jsonl"), rows);
        List<String> words = new ArrayList<>(List.of("embed", model, "--input", input.toString()));
        words.addAll(List.of(arguments));
        return Lockstep.commandLine().execute(words.toArray(String[]::new));
    }

    @Test
    void rowsComeBackInOrderWithTheirFields() throws IOException {
        Path output = folder.resolve("out.jsonl");
        String rows = "{\"id\": 1, \"token_ids\": [5, 6]}\n{\"id\": 2, \"token_ids\": [9, 8, 7, 6, 5]}\n"
                + "{\"id\": 3, \"token_ids\": null}\n{\"id\": 4, \"text\": \"no tokenizer\"}\n"
                + "{\"id\": 5, \"messages\": [{\"role\": \"user\", \"content\": \"a\"}]}\n"
                + "{\"id\": 6, \"token_ids\": [5, 6]}\n";

        int status =
                embed(MODEL, rows, "--output", output.toString(), "--normalize", "--tp=2", "--stats", "--warm-up=2");

        assertThat(status).isZero();
        List<JsonNode> found = new ArrayList<>();
        for (String line : Files.readAllLines(output)) {
            found.add(JSON.readTree(line));
        }
        assertThat(found).extracting(line -> line.get("id").intValue()).containsExactly(1, 2, 3, 4, 5, 6);
        assertThat(found.get(0).get("embedding"))
                .hasSize(32)
                .isEqualTo(found.get(5).get("embedding"));
        assertThat(found.get(1).get("embedding")).isNotEqualTo(found.get(0).get("embedding"));
        assertThat(norm(found.get(1).get("embedding"))).isBetween(0.9999, 1.0001);
        assertThat(found.get(2).get("embedding").isNull()).isTrue();
        assertThat(found.get(2).get("error").isNull()).isTrue();
        assertThat(found.get(3).get("error").asText()).contains("tokenizer");
        assertThat(found.get(4).get("error").asText()).contains("chats are not embedded");
        JsonNode stats = JSON.readTree(printed.toString(StandardCharsets.UTF_8));
        assertThat(stats.get("rows").intValue()).isEqualTo(6);
        assertThat(stats.get("prompt_tokens").intValue()).isEqualTo(9);
        assertThat(stats.get("warm_up_s").doubleValue()).isPositive();
    }

    private static double norm(JsonNode vector) {
        double sum = 0;
        for (JsonNode value : vector) {
            sum += value.doubleValue() * value.doubleValue();
        }
        return Math.sqrt(sum);
    }

    @Test
    void aBadRowCanEndTheRun() throws IOException {
        int status = embed(MODEL, "{\"token_ids\": [500]}\n", "--fail-on-error");

        assertThat(status).isEqualTo(1);
        assertThat(complained.toString(StandardCharsets.UTF_8))
                .contains("line 1: token 0")
                .contains("0 to 127");
    }

    @Test
    void aModelThatGeneratesIsRefused() throws IOException {
        assertThat(embed("../examples/dates/model", "{\"text\": \"a\"}\n")).isEqualTo(2);
        assertThat(complained.toString(StandardCharsets.UTF_8)).contains("expected an encoder");
    }

    @Test
    void anUnknownPoolingNamesTheChoices() throws IOException {
        assertThat(embed(MODEL, "{\"token_ids\": [5]}\n", "--pooling=max")).isEqualTo(2);
        assertThat(complained.toString(StandardCharsets.UTF_8))
                .contains("pooling is max, expected one of [mean, cls, last]");
    }
}
