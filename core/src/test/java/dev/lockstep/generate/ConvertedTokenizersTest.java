package dev.lockstep.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tokenizers without {@code tokenizer.json}, against the ids that SentencePiece and the tokenizers library give. */
class ConvertedTokenizersTest {
    private static final Path ROOT = Path.of("src/test/resources/tokenizers");
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"pairs-with-bytes", "unigram", "byte-pairs"})
    void idsAndTextsAreThoseOfTheReference(String name) throws IOException {
        try (TextTokenizer tokenizer = TextTokenizer.open(ROOT.resolve(name))) {
            for (String line : Files.readAllLines(ROOT.resolve(name).resolve("cases.jsonl"))) {
                JsonNode each = JSON.readTree(line);
                String text = each.get("text").textValue();
                assertThat(tokenizer.encode(text)).as(text).isEqualTo(JSON.convertValue(each.get("ids"), int[].class));
                if (each.hasNonNull("decoded")) {
                    assertThat(tokenizer.decode(tokenizer.encode(text)))
                            .as(text)
                            .isEqualTo(each.get("decoded").textValue());
                }
            }
        }
    }

    @Test
    void theConfigurationSaysWhatStandsAtTheEnds() throws IOException {
        copy("pairs-with-bytes", "tokenizer.model");
        assertThat(encoded("hello")).startsWith(1).doesNotContain(2);

        configure("{\"add_bos_token\": false, \"add_eos_token\": true}");
        assertThat(encoded("hello")).doesNotContain(1).endsWith(2);

        configure("{\"bos_token\": \"<none>\"}");
        assertThatThrownBy(() -> TextTokenizer.open(folder))
                .hasMessageContaining(
                        "tokenizer.model cannot be used: bos_token is <none>, which the model does not have");
    }

    @Test
    void specialAndUserDefinedPiecesAreFoundInTexts() throws IOException {
        copy("pairs-with-bytes", "tokenizer.model");
        try (TextTokenizer tokenizer = TextTokenizer.open(folder)) {
            assertThat(tokenizer.encode("a</s>b<|im_start|>")).contains(2, 3);
            assertThat(tokenizer.decode(tokenizer.encode("a</s>b"))).isEqualTo("a b");
        }
    }

    @Test
    void whetherASpaceStandsBeforeAPartIsTheReadersChoice() throws IOException {
        copy("pairs-with-bytes", "tokenizer.model");
        int[] spaced = encoded("hello");
        assertThat(encoded("</s>hello")).containsExactly(1, 2, spaced[1]);

        configure("{\"legacy\": false}");
        assertThat(encoded("hello")).isEqualTo(spaced);
        assertThat(encoded("</s>hello")).startsWith(1, 2).doesNotContain(spaced[1]);

        configure("{\"add_prefix_space\": false}");
        assertThat(encoded("hello")).doesNotContain(spaced[1]);
        assertThat(encoded(" hello")).isEqualTo(spaced);
    }

    @Test
    void tokensMayBeAddedBehindTheModels() throws IOException {
        copy("pairs-with-bytes", "tokenizer.model");
        configure("{\"added_tokens_decoder\": {\"401\": {\"content\": \"<tool>\", \"special\": false}}}");

        assertThat(encoded("a<tool>b")).contains(401);
    }

    @Test
    void sentinelsFollowTheModelsPieces() throws IOException {
        int[] ids;
        try (TextTokenizer tokenizer = TextTokenizer.open(ROOT.resolve("unigram"))) {
            ids = tokenizer.encode("<extra_id_0><extra_id_1><extra_id_2>");
        }

        assertThat(ids).hasSize(4);
        assertThat(ids[0]).isEqualTo(ids[1] + 1).isEqualTo(ids[2] + 2);
    }

    @Test
    void aDamagedModelIsNamedAndNeverMore() throws IOException {
        byte[] whole = Files.readAllBytes(ROOT.resolve("unigram/spiece.model"));
        for (int length = 0; length < whole.length; length += 7) {
            Files.write(folder.resolve("tokenizer.model"), Arrays.copyOf(whole, length));
            try (TextTokenizer tokenizer = TextTokenizer.open(folder)) {
                // Cut between two fields it is a smaller model.
                assertThat(tokenizer.encode("hello")).isNotEmpty();
            } catch (IllegalArgumentException e) {
                assertThat(e).hasMessageContaining("tokenizer.model");
            }
        }
    }

    @Test
    void noBytesOfAModelEndTheProcess() throws IOException {
        byte[] whole = Files.readAllBytes(ROOT.resolve("unigram/spiece.model"));
        Random random = new Random(7);
        int refused = 0;
        for (int i = 0; i < 500; i++) {
            byte[] changed = whole.clone();
            for (int k = 0; k < 3; k++) {
                changed[random.nextInt(changed.length)] = (byte) random.nextInt(256);
            }
            Files.write(folder.resolve("tokenizer.model"), changed);
            try (TextTokenizer tokenizer = TextTokenizer.open(folder)) {
                tokenizer.decode(tokenizer.encode("hello \uFB01ne \uFF21 \u6771 x\te\u0301 \uD83D\uDE00"));
            } catch (IllegalArgumentException e) {
                refused++;
            }
        }
        assertThat(refused).isBetween(100, 499);
    }

    @ParameterizedTest
    @CsvSource({"XLMRobertaTokenizer, XLMRobertaTokenizer", "AlbertTokenizerFast, AlbertTokenizer"})
    void readersWithIdsOfTheirOwnAreRefused(String reader, String shown) throws IOException {
        copy("unigram", "spiece.model");
        configure("{\"tokenizer_class\": \"" + reader + "\"}");

        assertThatThrownBy(() -> TextTokenizer.open(folder))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("spiece.model cannot be used: its reader " + shown + " gives pieces other ids")
                .hasMessageContaining("save_pretrained");
    }

    @ParameterizedTest
    @ValueSource(strings = {"qwen.tiktoken", "tiktoken.model", "tokenizer.model", "vocab.txt"})
    void whatIsNotReadIsNamedWithTheWayOut(String name) throws IOException {
        Files.writeString(folder.resolve(name), "IQ== 0\nIg== 1\n");
        configure("{\"tokenizer_class\": \"QWenTokenizer\"}");

        assertThatThrownBy(() -> TextTokenizer.open(folder))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(name)
                .hasMessageContaining("QWenTokenizer in tokenizer_config.json")
                .hasMessageContaining("AutoTokenizer.from_pretrained('FOLDER', use_fast=True")
                .hasMessageContaining("token_ids");
    }

    @Test
    void byteVocabulariesOfOtherReadersAreRefused() throws IOException {
        copy("byte-pairs", "vocab.json");
        copy("byte-pairs", "merges.txt");
        assertThat(encoded("a<|endoftext|>")).endsWith(0);

        configure("{\"tokenizer_class\": \"CLIPTokenizer\"}");
        assertThatThrownBy(() -> TextTokenizer.open(folder))
                .hasMessageContaining("CLIPTokenizer cuts texts up in a way");

        configure("{\"add_bos_token\": true}");
        assertThat(encoded("a")).startsWith(0).hasSize(2);

        Files.writeString(folder.resolve("merges.txt"), "#version: 0.2\na b c\n");
        assertThatThrownBy(() -> TextTokenizer.open(folder)).hasMessageContaining("merges.txt line 2 is 'a b c'");
    }

    private int[] encoded(String text) {
        try (TextTokenizer tokenizer = TextTokenizer.open(folder)) {
            return tokenizer.encode(text);
        }
    }

    private void copy(String name, String file) throws IOException {
        Files.copy(ROOT.resolve(name).resolve(file), folder.resolve(file));
    }

    private void configure(String json) throws IOException {
        Files.writeString(folder.resolve("tokenizer_config.json"), json);
    }
}
