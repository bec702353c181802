package dev.lockstep.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lockstep.backend.Limits;
import dev.lockstep.backend.StepOutput;
import dev.lockstep.backend.StepOutput.Rows;
import dev.lockstep.generate.Scorer.Case;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScorerTest {
    private static final HashModel MODEL = new HashModel(41);
    private static final Limits LIMITS = new Limits(40, 8, 20, 60, 3);
    private static final int[] LENGTHS = {4, 7, 5};
    private static final GenerationOptions GREEDY = GenerationOptions.GREEDY.withIgnoreEos(true);

    private final PagedHashModel runner = new PagedHashModel(MODEL, LIMITS);

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 1000})
    void decoderLogitsOfAllRows(int chunk) {
        List<Case> cases = List.of(Case.of(1, 2, 3), Case.of(new int[25]), Case.of(4), Case.of(9, 8, 7, 6, 5));

        List<Map<String, Rows>> outputs = new Scorer(runner, traits(ModelTraits.Kind.DECODER), chunk).outputs(cases);

        for (int c = 0; c < cases.size(); c++) {
            checkLogits(
                    outputs.get(c).get(StepOutput.LOGITS), null, cases.get(c).inputIds());
        }
    }

    @Test
    void casesOfAFolderShareOneStep() {
        new Scorer(runner, traits(ModelTraits.Kind.DECODER))
                .outputs(List.of(Case.of(1, 2, 3), Case.of(4), Case.of(9, 8, 7, 6, 5)));

        assertThat(runner.steps).isEqualTo(1);
        assertThat(runner.mostTokens).isEqualTo(9);
    }

    @Test
    void encoderDecodersAreEncodedThenForced() {
        List<Case> cases = List.of(
                new Case(new int[] {1, 2, 3}, null, new int[] {0, 4, 5, 6}, null),
                new Case(new int[] {3, 2, 1, 7, 9}, null, new int[] {0, 4}, null),
                Case.of(5, 5));

        List<Map<String, Rows>> outputs = new Scorer(runner, traits(ModelTraits.Kind.ENCODER_DECODER)).outputs(cases);

        assertThat(runner.steps).isEqualTo(2);
        checkLogits(
                outputs.get(0).get(StepOutput.LOGITS),
                cases.get(0).inputIds(),
                cases.get(0).decoderIds());
        checkLogits(
                outputs.get(1).get(StepOutput.LOGITS),
                cases.get(1).inputIds(),
                cases.get(1).decoderIds());
        assertThat(outputs.get(2)).doesNotContainKey(StepOutput.LOGITS);
        for (int c = 0; c < cases.size(); c++) {
            checkEncoder(outputs.get(c).get(StepOutput.ENCODER), cases.get(c).inputIds());
        }
    }

    @Test
    void encodersGiveRowsOfTokensAndOfSequences() {
        PagedHashModel without = new PagedHashModel(MODEL, new Limits(6, 8, 20, 0, 1));
        List<Case> cases =
                List.of(Case.of(1, 2, 3), new Case(new int[] {3, 2}, new int[] {0, 1}, null, null), Case.of(5, 5));

        List<Map<String, Rows>> outputs = new Scorer(without, traits(ModelTraits.Kind.ENCODER)).outputs(cases);

        assertThat(without.steps).as("6 tokens a step").isEqualTo(2);
        for (int c = 0; c < cases.size(); c++) {
            Rows encoder = outputs.get(c).get(StepOutput.ENCODER);
            checkEncoder(encoder, cases.get(c).inputIds());
            Rows pooled = outputs.get(c).get("pooled");
            assertThat(pooled.rows()).isEqualTo(1);
            assertThat(pooled.values()[0]).isEqualTo(encoder.values()[0]);
        }
        assertThat(outputs.get(1).get(StepOutput.ENCODER).values()[3])
                .as("token type")
                .isEqualTo(1);
    }

    @Test
    void greedyContinuationsHaveTheirMargins() {
        List<Case> cases = List.of(Case.of(1, 2, 3), Case.of(4), Case.of(9, 8, 7, 6, 5));
        ModelTraits traits = traits(ModelTraits.Kind.DECODER);

        List<Scorer.Greedy> results = new Scorer(runner, traits).greedy(cases, LENGTHS);

        for (int c = 0; c < cases.size(); c++) {
            int[] prompt = cases.get(c).inputIds();
            int[] expected = new NaiveGeneration(MODEL, traits)
                    .generate(null, prompt, GREEDY.withMaxNewTokens(LENGTHS[c]))
                    .tokens();
            assertThat(results.get(c).tokens()).containsExactly(expected);
            assertThat(results.get(c).margins()).hasSize(LENGTHS[c]);
            float[] logits = MODEL.naive(null, prompt);
            Arrays.sort(logits);
            assertThat(results.get(c).margins()[0]).isEqualTo(logits[40] - logits[39]);
        }
        assertThat(runner.steps).isEqualTo(7);
    }

    @Test
    void continuationsStartFromTheCasesOwnTokens() {
        ModelTraits traits = traits(ModelTraits.Kind.ENCODER_DECODER);
        List<Case> cases = List.of(Case.of(1, 2, 3), new Case(new int[] {4, 5}, null, null, new int[] {0, 8}));
        int[] lengths = {6, 6};

        List<Scorer.Greedy> greedy = new Scorer(runner, traits).greedy(cases, lengths);
        List<Scorer.Beam> beams = new Scorer(runner, traits).beams(cases, lengths, 4);

        GenerationOptions search = new GenerationOptions(6, 0, 0, 1, 4, 1, false, 0, true, List.of());
        NaiveGeneration naive = new NaiveGeneration(MODEL, traits);
        int[][] starts = {{0}, {0, 8}};
        for (int c = 0; c < cases.size(); c++) {
            int[] source = cases.get(c).inputIds();
            NaiveGeneration.Result best = naive.generate(source, starts[c], search);
            assertThat(greedy.get(c).tokens())
                    .containsExactly(naive.generate(source, starts[c], GREEDY.withMaxNewTokens(6))
                            .tokens());
            assertThat(beams.get(c).tokens()).containsExactly(best.tokens());
            assertThat(beams.get(c).score()).isCloseTo(best.score(), within(1e-5f));
        }
    }

    @Test
    void whatCannotBeRunIsAnError() {
        Scorer scorer = new Scorer(runner, traits(ModelTraits.Kind.DECODER));

        assertThatThrownBy(() -> scorer.outputs(List.of(Case.of(41)))).hasMessageContaining("expected 0 to 40");
        assertThatThrownBy(() -> scorer.outputs(List.of(Case.of(new int[200]))))
                .hasMessageContaining("67 cache blocks");
        assertThatThrownBy(() -> scorer.greedy(List.of(Case.of(new int[200])), new int[] {1}))
                .hasMessageContaining("67 cache blocks");
    }

    private static void checkLogits(Rows rows, int[] source, int[] tokens) {
        assertThat(rows.rows()).isEqualTo(tokens.length);
        assertThat(rows.width()).isEqualTo(MODEL.vocabulary);
        for (int i = 0; i < tokens.length; i++) {
            float[] expected = MODEL.naive(source, Arrays.copyOf(tokens, i + 1));
            assertThat(Arrays.copyOfRange(rows.values(), i * MODEL.vocabulary, (i + 1) * MODEL.vocabulary))
                    .containsExactly(expected);
        }
    }

    private static void checkEncoder(Rows rows, int[] source) {
        assertThat(rows.rows()).isEqualTo(source.length);
        for (int i = 0; i < source.length; i++) {
            assertThat(rows.values()[2 * i]).isEqualTo((HashModel.crossKey(source, i) >>> 40) * 0x1p-24f);
        }
    }

    private static ModelTraits traits(ModelTraits.Kind kind) {
        return new ModelTraits(
                kind,
                MODEL.vocabulary,
                List.of(1),
                kind == ModelTraits.Kind.ENCODER_DECODER ? List.of(0) : List.of(),
                OptionalInt.empty(),
                OptionalInt.empty(),
                OptionalInt.empty());
    }
}
