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
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The command as users give it, on the demo model. */
final class GenerateCommandTest {
    private static final String MODEL = "../examples/dates/model";
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

    private static int run(String... arguments) {
        return runModel(MODEL, arguments);
    }

    private static int runModel(String model, String... arguments) {
        List<String> words = new ArrayList<>(List.of("generate", model));
        words.addAll(List.of(arguments));
        return Lockstep.commandLine().execute(words.toArray(String[]::new));
    }

    private String printed() {
        return printed.toString(StandardCharsets.UTF_8);
    }

    private String complained() {
        return complained.toString(StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @CsvSource({"1,fp32", "2,fp32", "3,fp32", "2,bf16"})
    void aPromptIsContinued(String tp, String dtype) throws IOException {
        int status = run("--prompt", "le 30 mars 1981 22:13", "--tp", tp, "--dtype", dtype, "--split=max", "--stats");

        String[] lines = printed().split("\n");
        assertThat(status).isZero();
        assertThat(lines).hasSize(2);
        assertThat(lines[0]).isEqualTo("1981-03-30");
        JsonNode stats = JSON.readTree(lines[1]);
        List<String> names = new ArrayList<>();
        for (Iterator<String> each = stats.fieldNames(); each.hasNext(); ) {
            names.add(each.next());
        }
        assertThat(names)
                .containsExactly(
                        "rows",
                        "prompt_tokens",
                        "generated_tokens",
                        "shared_tokens",
                        "preemptions",
                        "load_s",
                        "wall_s",
                        "peak_rss_mb",
                        "tp",
                        "dtype");
        assertThat(stats.get("rows").intValue()).isEqualTo(1);
        assertThat(stats.get("generated_tokens").intValue()).isEqualTo(10);
        assertThat(stats.get("tp").asText()).isEqualTo(tp);
        assertThat(stats.get("dtype").asText()).isEqualTo(dtype);
    }

    @Test
    void rowsOfAFileComeBackInOrderWithTheirFields() throws IOException {
        Path input = Files.writeString(folder.resolve("rows.jsonl"), """
                {"id":"x","prompt":"15º Ottobre '62","nested":{"kept":[1,null]}}
                {"prompt":null}
                {"token_ids":[19,9999]}
                {"id":4,"prompt":"1. Mai 2003"}
                """);
        Path output = folder.resolve("out.jsonl");

        assertThat(run("--input", "" + input, "--output", "" + output)).isZero();

        List<String> lines = Files.readAllLines(output);
        assertThat(lines).hasSize(4);
        assertThat(lines.get(0))
                .isEqualTo("{\"id\":\"x\",\"prompt\":\"15º Ottobre '62\",\"nested\":{\"kept\":[1,null]},"
                        + "\"output\":\"1962-10-15\",\"output_token_ids\":[19,27,24,20,15,19,18,15,19,23],"
                        + "\"finish_reason\":\"eos\",\"error\":null}");
        assertThat(lines.get(1))
                .isEqualTo("{\"prompt\":null,\"output\":null,\"output_token_ids\":null,\"finish_reason\":null,"
                        + "\"error\":null}");
        assertThat(lines.get(2))
                .isEqualTo("{\"token_ids\":[19,9999],\"output\":null,\"output_token_ids\":null,"
                        + "\"finish_reason\":\"error\","
                        + "\"error\":\"token 1 of the prompt is 9999, expected 0 to 383, the model's vocabulary\"}");
        assertThat(JSON.readTree(lines.get(3)).get("output").textValue()).isEqualTo("2003-05-01");
        assertThat(complained()).contains("1 of 4 rows failed");
    }

    @Test
    void chatsGoThroughTheModelsTemplate() throws IOException {
        Path model = Files.createDirectory(folder.resolve("model"));
        try (Stream<Path> files = Files.list(Path.of(MODEL))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.copy(file, model.resolve(file.getFileName()));
            }
        }
        assertThat(runModel("" + model, "--prompt", "x", "--chat")).isEqualTo(2);
        assertThat(complained()).contains(model + " has no chat template");
        Files.writeString(
                model.resolve("chat_template.jinja"),
                "{% if messages[0].role != 'user' %}{{ raise_exception('users only') }}{% endif %}"
                        + "{{ messages[0].content }}</s>");
        Path input = Files.writeString(folder.resolve("rows.jsonl"), """
                {"messages":[{"role":"user","content":"15º Ottobre '62"}]}
                {"messages":null}
                {"messages":[{"role":"system","content":"x"}]}
                """);
        Path output = folder.resolve("out.jsonl");

        assertThat(runModel("" + model, "--input", "" + input, "--output", "" + output))
                .isZero();
        assertThat(runModel("" + model, "--prompt", "le 30 mars 1981 22:13", "--chat"))
                .isZero();

        List<String> lines = Files.readAllLines(output);
        assertThat(JSON.readTree(lines.get(0)).get("output").textValue()).isEqualTo("1962-10-15");
        assertThat(JSON.readTree(lines.get(1)).get("output").isNull()).isTrue();
        assertThat(JSON.readTree(lines.get(2)).get("error").textValue()).contains("users only");
        assertThat(printed()).isEqualTo("1981-03-30\n");
    }

    @Test
    void aBadRowEndsTheRunWhereAsked() throws IOException {
        Path input = Files.writeString(folder.resolve("rows.jsonl"), "{\"token_ids\":[19,9999]}\n");

        assertThat(run("--input", "" + input, "--fail-on-error")).isEqualTo(1);
        assertThat(complained()).contains("rows.jsonl line 1: token 1 of the prompt is 9999");
    }

    @Test
    void generationOptionsReachTheGenerator() {
        assertThat(run("--prompt", "12 May 2016", "--max-new-tokens", "4")).isZero();
        assertThat(run("--prompt", "12 May 2016", "--stop=-05")).isZero();
        assertThat(run("--prompt", "12 May 2016", "--num-beams", "4")).isZero();
        assertThat(printed()).isEqualTo("2016\n2016\n2016-05-12\n");
    }

    @Test
    void wrongUseIsRefusedBeforeAnythingIsLoaded() {
        assertThat(run("--prompt", "x", "--dtype", "fp8")).isEqualTo(2);
        assertThat(run("--prompt", "x", "--temperature=-1")).isEqualTo(2);
        assertThat(run("--prompt", "x", "--output", "y")).isEqualTo(2);
        assertThat(run("--input", "rows.jsonl", "--chat")).isEqualTo(2);
        assertThat(run()).isEqualTo(2);
        assertThat(complained())
                .contains("dtype is 'fp8', expected fp32, bf16 or int8")
                .contains("temperature is -1.0, expected 0 (greedy) to 100")
                .contains("--output goes with --input")
                .contains("--chat goes with --prompt")
                .contains("--prompt=TEXT | --input=FILE");
    }
}
