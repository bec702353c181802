package dev.lockstep.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TextTokenizerTest {
    private static final int EOS = 1;
    private static final Path FOLDER = Path.of("src/test/resources/demo/dates-t5");
    private static final TextTokenizer TOKENIZER = TextTokenizer.open(FOLDER);

    @AfterAll
    static void close() {
        TOKENIZER.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "6 de mar 1951, 14:19:27",
                "15º Ottobre '62",
                "  7.  Februar  '38 ",
                "x\u0000y",
                "日本 \uD83D\uDE00 zwölf",
                "</s> in the text"
            })
    void textComesBack(String text) {
        int[] tokens = TOKENIZER.encode(text);

        assertThat(tokens[tokens.length - 1]).isEqualTo(EOS);
        assertThat(TOKENIZER.decode(tokens)).isEqualTo(text.replace("</s>", ""));
    }

    @Test
    void theEmptyTextIsItsSpecialTokens() {
        assertThat(TOKENIZER.encode("")).containsExactly(EOS);
        assertThat(TOKENIZER.decode(new int[0])).isEmpty();
    }

    @Test
    void longTextsAreNotTruncated() {
        assertThat(TOKENIZER.encode("1".repeat(5000))).hasSize(5001);
    }

    @Test
    void truncationAndPaddingOfTheFileAreForTraining() throws IOException {
        String json = Files.readString(FOLDER.resolve("tokenizer.json"))
                .replace(
                        "\"truncation\": null",
                        "\"truncation\": {\"direction\": \"Right\", \"max_length\": 4,"
                                + " \"strategy\": \"LongestFirst\", \"stride\": 0}")
                .replace("\"strategy\": \"BatchLongest\"", "\"strategy\": {\"Fixed\": 16}");
        try (TextTokenizer tokenizer = TextTokenizer.parse("changed", json.getBytes(StandardCharsets.UTF_8))) {
            assertThat(tokenizer.encode("1951-03-06")).isEqualTo(TOKENIZER.encode("1951-03-06"));
        }
    }

    @Test
    void aSurrogateAloneIsNoCrash() {
        assertThat(TOKENIZER.encode("a\uD800b")).isNotEmpty();
    }

    @Test
    void threadsMayShareIt() {
        List<String> texts =
                IntStream.range(0, 500).mapToObj(i -> i + " März 19" + i).toList();

        List<String> back = texts.parallelStream()
                .map(text -> TOKENIZER.decode(TOKENIZER.encode(text)))
                .toList();

        assertThat(back).isEqualTo(texts);
    }

    @Test
    void aFolderWithoutItSaysWhatToDo(@TempDir Path folder) {
        assertThatThrownBy(() -> TextTokenizer.open(folder))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(folder.toString())
                .hasMessageContaining("token_ids")
                .hasMessageContaining("tokenizer.json");
    }

    @Test
    void aDamagedFileIsNamed() {
        byte[] json = "{\"version\": 1".getBytes(StandardCharsets.UTF_8);

        assertThatThrownBy(() -> TextTokenizer.parse("hub/tokenizer.json", json))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("hub/tokenizer.json");
    }
}
