package dev.lockstep.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class LineReaderTest {
    @TempDir
    private Path folder;

    private List<InputRow> read(String name, String content) throws IOException {
        Path file = Files.writeString(folder.resolve(name), content);
        List<InputRow> rows = new ArrayList<>();
        try (LineReader reader = LineReader.open(file)) {
            for (InputRow row = reader.next(); row != null; row = reader.next()) {
                rows.add(row);
            }
        }
        return rows;
    }

    @Test
    void everyLineOfATextFileIsAPrompt() throws IOException {
        List<InputRow> rows = read("rows.txt", "one\n\n  zwölf Äpfel \n");

        assertThat(rows).extracting(InputRow::prompt).containsExactly("one", "", "  zwölf Äpfel ");
        assertThat(rows.get(2).fields()).hasToString("{\"prompt\":\"  zwölf Äpfel \"}");
    }

    @Test
    void jsonLinesHavePromptsOrTokens() throws IOException {
        List<InputRow> rows = read(
                "rows.jsonl",
                "{\"id\":7,\"prompt\":\"a\"}\n\n{\"token_ids\":[3,1]}\n{\"prompt\":null}\n{\"token_ids\":[]}");

        assertThat(rows).hasSize(4).allMatch(row -> row.error() == null);
        assertThat(rows.get(0).prompt()).isEqualTo("a");
        assertThat(rows.get(0).fields().get("id").intValue()).isEqualTo(7);
        assertThat(rows.get(1).tokenIds()).containsExactly(3, 1);
        assertThat(rows.get(1).place()).endsWith("rows.jsonl line 3");
        assertThat(rows.get(2).runs()).isFalse();
        assertThat(rows.get(3).tokenIds()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"id\":1}|the row has none of prompt, token_ids and messages, expected one of them",
                "{\"prompt\":\"a\",\"token_ids\":[1]}|the row has more than one of prompt, token_ids and messages, expected one of them",
                "{\"prompt\":5}|prompt is 5, expected a string",
                "{\"token_ids\":[1,1.5]}|token 1 of token_ids is 1.5, expected an integer",
                "{\"token_ids\":[99999999999]}|token 0 of token_ids is 99999999999, expected an integer",
                "{\"token_ids\":7}|token_ids is 7, expected a list of integers",
                "{\"messages\":{\"role\":\"user\"}}|messages is a JSON object, expected an array of objects",
                "{\"messages\":[{\"content\":\"a\"}]}|message 0 of the chat has the role null, expected a role such as system, user"
                        + " or assistant",
                "[1]|the line holds a JSON ARRAY, expected an object",
                "{\"prompt\":|the line is no JSON: Unexpected end-of-input within/between Object entries",
                "{\"prompt\":\"a\"} b|the line is no JSON: Unrecognized token 'b': was expecting (JSON String, Number, Array,"
                        + " Object or token 'null', 'true' or 'false')"
            })
    void aLineThatIsNoRowSaysWhy(String line, String error) throws IOException {
        assertThat(read("rows.jsonl", line + "\n{\"prompt\":\"good\"}"))
                .extracting(InputRow::error)
                .containsExactly(error, null);
    }

    @Test
    void otherFilesAreRefused() {
        assertThatThrownBy(() -> LineReader.open(folder.resolve("rows.csv")))
                .hasMessageContaining("rows.csv, expected a name ending in .txt")
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> LineReader.open(folder.resolve("none.txt")))
                .hasMessageEndingWith("none.txt, but there is no such file");
    }
}
