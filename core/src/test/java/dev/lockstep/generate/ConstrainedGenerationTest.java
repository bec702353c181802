package dev.lockstep.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lockstep.backend.Limits;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A model that says anything, held to a language, with every kind of vocabulary. */
class ConstrainedGenerationTest {
    private static final Path ROOT = Path.of("src/test/resources/tokenizers");
    private static final ObjectMapper JSON = new ObjectMapper();

    private static int eos(String name) {
        return name.equals("byte-pairs") ? 0 : 2;
    }

    private static final String WORD_PIECES = """
            {"added_tokens": [{"id": 2, "content": "[SEP]", "special": true, "single_word": false, "lstrip": false,
                               "rstrip": false, "normalized": false}],
             "pre_tokenizer": {"type": "BertPreTokenizer"},
             "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": true},
             "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
                       "max_input_chars_per_word": 100,
                       "vocab": {"[UNK]": 0, "a": 1, "[SEP]": 2, "yes": 3, "no": 4, "##pe": 5, "may": 6, "##be": 7,
                                 "##1": 8, "1": 9, "##2": 10, ".": 11, "not": 12}}}
            """;

    private static TextTokenizer tokenizer(String name) {
        return name.equals("word-pieces")
                ? TextTokenizer.parse(name, WORD_PIECES.getBytes(StandardCharsets.UTF_8))
                : TextTokenizer.open(ROOT.resolve(name));
    }

    @ParameterizedTest
    @ValueSource(strings = {"byte-pairs", "pairs-with-bytes", "unigram", "word-pieces"})
    void choicesComeOutAsTheyAre(String name) {
        List<String> choices = List.of("yes", "no", "nope", "maybe not");
        List<Completion.Output> outputs = run(name, new Constraint.Choice(choices), 40, 20);

        assertThat(outputs).allSatisfy(output -> assertThat(output.text()).isIn(choices));
        assertThat(outputs.stream().map(Completion.Output::text).distinct().count())
                .isGreaterThan(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"byte-pairs", "pairs-with-bytes", "unigram", "word-pieces"})
    void expressionsAreMatched(String name) {
        String pattern = "[a-z]{1,6}( [a-z12]{1,4}){0,2}\\.?";
        List<Completion.Output> outputs = run(name, new Constraint.Regex(pattern), 60, 40);

        assertThat(outputs).allSatisfy(output -> assertThat(output.text()).matches(pattern));
    }

    @ParameterizedTest
    @ValueSource(strings = {"byte-pairs", "pairs-with-bytes"})
    void charactersOfSeveralBytesAreWhole(String name) {
        String pattern = "[日本語😀é]{3,5}";
        List<Completion.Output> outputs = run(name, new Constraint.Regex(pattern), 20, 40);

        assertThat(outputs).allSatisfy(output -> assertThat(output.text()).matches(pattern));
    }

    @ParameterizedTest
    @ValueSource(strings = {"byte-pairs", "pairs-with-bytes"})
    void schemasGiveJson(String name) throws IOException {
        Constraint constraint = new Constraint.JsonSchema("""
                {"type": "object", "properties": {
                   "kind": {"enum": ["cat", "dog"]}, "legs": {"type": "integer"},
                   "names": {"type": "array", "items": {"type": "string", "maxLength": 5}, "maxItems": 2}},
                 "required": ["kind", "names"]}
                """);
        List<Completion.Output> outputs = run(name, constraint, 30, 200);

        for (Completion.Output output : outputs) {
            JsonNode value = JSON.readTree(output.text());
            assertThat(value.get("kind").textValue()).isIn("cat", "dog");
            assertThat(value.get("names").isArray()).isTrue();
            assertThat(value.path("legs").isMissingNode() || value.get("legs").isIntegralNumber())
                    .isTrue();
        }
    }

    @Test
    void textsEndWhereTheyMayAndNotBefore() {
        List<Completion.Output> outputs = run("byte-pairs", new Constraint.Regex("(ab)+"), 30, 400);

        assertThat(outputs).allSatisfy(output -> {
            assertThat(output.finish()).isEqualTo(Completion.Finish.EOS);
            assertThat(output.text()).matches("(ab)+");
        });
    }

    @Test
    void aLimitCutsATextShort() {
        List<Completion> completions = complete("byte-pairs", new Constraint.Regex("a{50}"), 1, 3);

        assertThat(completions.get(0).finish()).isEqualTo(Completion.Finish.LENGTH);
        assertThat(completions.get(0).text()).matches("a{3,49}");
    }

    @Test
    void whatTheVocabularyCannotSayIsTheRowsError() {
        Completion completion = complete("word-pieces", new Constraint.Choice(List.of("{}")), 1, 9)
                .get(0);

        assertThat(completion.error())
                .contains("no token may follow the 0 tokens generated")
                .contains("choice [{}]");
    }

    @Test
    void withoutTokenizerThereIsNoText() {
        GenerationOptions options = GenerationOptions.GREEDY.with(new Constraint.Regex("a"));
        List<Completion> completions = new ArrayList<>();
        generator(null, 50, 2)
                .run(
                        new ListSource(List.of(new Request(0, null, new int[] {1}, options)), 0),
                        completions::add,
                        () -> false);

        assertThat(completions.get(0).error()).startsWith("regex needs text: the checkpoint has no tokenizer");
    }

    @Test
    void badConstraintsAreRefusedBeforeAnyWork() {
        assertThatThrownBy(() -> new Constraint.Regex("(a"))
                .hasMessage("regex is (a, which cannot be used: at 2 stands its end, expected the ) that ends a group");
        assertThatThrownBy(() -> new Constraint.Choice(List.of()))
                .hasMessageContaining("choice is [], expected one text or more");
        assertThatThrownBy(() -> new Constraint.JsonSchema("{}")).hasMessageContaining("json_schema is {}");
        assertThatThrownBy(() ->
                        GenerationOptions.GREEDY.with(new Beams(2, 1, false)).with(new Constraint.Regex("a")))
                .hasMessage("regex is a, expected none when num_beams is above 1");
    }

    /** The outputs of rows that differ, all of which must come to their end. */
    private static List<Completion.Output> run(String name, Constraint constraint, int rows, int newTokens) {
        List<Completion> completions = complete(name, constraint, rows, newTokens);
        assertThat(completions).hasSize(rows).allSatisfy(each -> {
            assertThat(each.error()).isNull();
            assertThat(each.finish()).isNotEqualTo(Completion.Finish.LENGTH);
        });
        return completions.stream().map(each -> each.outputs().get(0)).toList();
    }

    private static List<Completion> complete(String name, Constraint constraint, int rows, int newTokens) {
        try (TextTokenizer tokenizer = tokenizer(name)) {
            int vocabulary = tokenizer.tokenBytes().later().length + 3;
            List<Request> requests = new ArrayList<>();
            for (int row = 0; row < rows; row++) {
                Sampling sampling =
                        Sampling.GREEDY.withTemperature(row % 3).withTopK(row % 2 == 1 && row % 3 > 0 ? 4 : 0);
                GenerationOptions options = GenerationOptions.GREEDY
                        .with(sampling)
                        .with(constraint)
                        .withMaxNewTokens(newTokens)
                        // Likelier than its share, lest texts without end go on to the limit.
                        .with(Penalties.NONE.withLogitBias(java.util.Map.of(eos(name), 3.0)));
                requests.add(new Request(row, null, new int[] {row % 10, 5}, options));
            }
            Completion[] completions = new Completion[rows];
            generator(tokenizer, vocabulary, eos(name))
                    .run(new ListSource(requests, 0), each -> completions[(int) each.id()] = each, () -> false);
            return Arrays.asList(completions);
        }
    }

    private static Generator generator(TextTokenizer tokenizer, int vocabulary, int eos) {
        ModelTraits traits = new ModelTraits(
                ModelTraits.Kind.DECODER,
                vocabulary,
                List.of(eos),
                List.of(),
                OptionalInt.empty(),
                OptionalInt.empty(),
                OptionalInt.empty());
        PagedHashModel runner = new PagedHashModel(new HashModel(vocabulary), new Limits(64, 8, 8, 900, 4));
        return new Generator(runner, traits, tokenizer);
    }
}
