package dev.lockstep.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.backend.Limits;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class GeneratorTest {
    private static final HashModel MODEL = new HashModel(384);
    private static final Limits LIMITS = new Limits(64, 8, 8, 40, 4);
    private static final TextTokenizer TOKENIZER = TextTokenizer.open(Path.of("src/test/resources/demo/dates-t5"));
    private static final GenerationOptions TEN =
            GenerationOptions.GREEDY.withMaxNewTokens(10).withIgnoreEos(true);

    private final PagedHashModel runner = new PagedHashModel(MODEL, LIMITS);

    @AfterAll
    static void close() {
        TOKENIZER.close();
    }

    @Test
    void badRowsGetTheirErrorAndOthersGoOn() {
        List<Completion> completions = run(
                new Generator(runner, traits(OptionalInt.of(30)), null),
                new Request(0, null, new int[0], TEN),
                new Request(1, null, new int[] {5, 384}, TEN),
                new Request(2, null, new int[] {-1}, TEN),
                new Request(3, null, new int[30], TEN),
                new Request(4, "text", null, TEN),
                new Request(5, null, new int[] {5}, stopping("x")),
                new Request(6, null, new int[] {5}, beams(9)),
                new Request(7, null, new int[] {5, 6}, TEN));

        assertThat(completions.get(0).error())
                .isEqualTo("the prompt is empty: it has no tokens, at least 1 is expected");
        assertThat(completions.get(1).error())
                .isEqualTo("token 1 of the prompt is 384, expected 0 to 383, the model's vocabulary");
        assertThat(completions.get(2).error()).contains("token 0 of the prompt is -1");
        assertThat(completions.get(3).error()).contains("30 tokens").contains("positions for 30");
        assertThat(completions.get(4).error()).contains("tokenizer.json").contains("token_ids");
        assertThat(completions.get(5).error()).contains("stop strings").contains("tokenizer.json");
        assertThat(completions.get(6).error()).contains("num_beams is 9").contains("8 sequences");
        assertThat(completions.get(7).error()).isNull();
        assertThat(completions.get(7).tokenIds()).hasSize(10);
    }

    @Test
    void aPromptBeyondThePoolNamesTheSetting() {
        List<Completion> completions = run(
                new Generator(runner, traits(OptionalInt.empty()), null),
                new Request(0, null, new int[161], TEN),
                new Request(1, null, new int[155], TEN));

        assertThat(completions.get(0).error())
                .isEqualTo("the prompt has 161 tokens and needs 41 cache blocks of 4 positions, but the pool holds 40:"
                        + " shorten the prompt or raise spark.lockstep.memoryBudget");
        assertThat(completions.get(1).error())
                .contains("outgrew the whole cache pool of 40 blocks")
                .contains("max_new_tokens 10");
    }

    @Test
    void aSourceBeyondAStepNamesTheSetting() {
        ModelTraits traits = new ModelTraits(
                ModelTraits.Kind.ENCODER_DECODER,
                384,
                List.of(1),
                List.of(0),
                OptionalInt.of(0),
                OptionalInt.empty(),
                OptionalInt.of(100));

        List<Completion> completions = run(
                new Generator(runner, traits, null),
                new Request(0, null, new int[65], TEN),
                new Request(1, null, new int[101], TEN));

        assertThat(completions.get(0).error()).contains("65 tokens").contains("spark.lockstep.maxBatchTokens");
        assertThat(completions.get(1).error()).contains("101 tokens").contains("positions for 100");
    }

    @Test
    void positionsLimitWhatIsGenerated() {
        Completion completion = run(
                        new Generator(runner, traits(OptionalInt.of(12)), null), new Request(0, null, new int[7], TEN))
                .get(0);

        assertThat(completion.tokenIds()).hasSize(5);
        assertThat(completion.finish()).isEqualTo(Completion.Finish.LENGTH);
    }

    @Test
    void textGoesInAndOut() {
        Generator generator = new Generator(runner, traits(OptionalInt.empty()), TOKENIZER);

        Completion completion =
                run(generator, new Request(0, "12 May 2016", null, TEN)).get(0);

        assertThat(completion.promptTokens()).isEqualTo(TOKENIZER.encode("12 May 2016").length);
        assertThat(completion.text()).isEqualTo(TOKENIZER.decode(completion.tokenIds()));
    }

    @Test
    void generationEndsAtAStopString() {
        Generator generator = new Generator(runner, traits(OptionalInt.empty()), TOKENIZER);
        GenerationOptions fifty = TEN.withMaxNewTokens(50);
        String whole = run(generator, new Request(0, "12 May 2016", null, fifty))
                .get(0)
                .text();
        int middle = whole.length() / 2;
        String stop = whole.substring(middle, middle + 2);

        Completion completion = run(generator, new Request(0, "12 May 2016", null, stopping("none", stop)))
                .get(0);
        Completion beam = run(
                        generator,
                        new Request(0, "12 May 2016", null, beams(2)),
                        new Request(1, "12 May 2016", null, beams(2, "e")))
                .get(1);

        assertThat(completion.text()).isEqualTo(whole.substring(0, whole.indexOf(stop)));
        assertThat(completion.finish()).isEqualTo(Completion.Finish.STOP);
        assertThat(completion.tokenIds().length).isLessThan(50);
        assertThat(beam.text()).doesNotContain("e");
    }

    @Test
    void statisticsCountRowsOnce() {
        Generator generator = new Generator(runner, traits(OptionalInt.empty()), null);
        run(generator, new Request(0, null, new int[3], TEN), new Request(1, null, new int[4], TEN));

        assertThat(generator.stats()).isEqualTo(new GenerationStats(10, 7, 20, 0, 0));
        assertThat(runner.steps).isEqualTo(10);
    }

    @Test
    void anExhaustedPoolCostsStepsButNoRow() {
        Limits tight = new Limits(64, 8, 8, 10, 4);
        PagedHashModel small = new PagedHashModel(MODEL, tight);
        List<Request> requests = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            requests.add(new Request(i, null, new int[] {i, 2, 3}, TEN.withMaxNewTokens(30)));
        }
        Request[] all = requests.toArray(Request[]::new);

        List<Completion> squeezed = run(new Generator(small, traits(OptionalInt.empty()), null), all);
        List<Completion> roomy = run(
                new Generator(
                        new PagedHashModel(MODEL, new Limits(64, 8, 8, 100, 4)), traits(OptionalInt.empty()), null),
                all);

        for (int i = 0; i < all.length; i++) {
            assertThat(squeezed.get(i).tokenIds()).isEqualTo(roomy.get(i).tokenIds());
        }
        assertThat(small.steps).as("pre-empted rows ran again").isGreaterThan(8 * 30 / 3);
    }

    @Test
    void cancellationEndsBetweenSteps() {
        ListSource source = new ListSource(List.of(new Request(0, null, new int[] {1}, TEN)), 0);
        Generator generator = new Generator(runner, traits(OptionalInt.empty()), null);

        assertThatThrownBy(() -> generator.run(source, completion -> {}, () -> runner.steps >= 3))
                .isInstanceOf(CancellationException.class);
        assertThat(runner.steps).isEqualTo(3);
    }

    @Test
    void rowsArePulledOnlyAsThereIsRoom() {
        List<Request> requests = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            requests.add(new Request(i, null, new int[] {1, 2}, TEN));
        }
        ListSource source = new ListSource(requests, 0);
        Generator generator = new Generator(runner, traits(OptionalInt.empty()), null);

        assertThatThrownBy(() -> generator.run(source, completion -> {}, () -> runner.steps >= 1))
                .isInstanceOf(CancellationException.class);
        assertThat(source.left()).isEqualTo(92);
    }

    @Test
    void anEncoderGeneratesNothing() {
        ModelTraits traits = new ModelTraits(
                ModelTraits.Kind.ENCODER,
                384,
                List.of(),
                List.of(),
                OptionalInt.empty(),
                OptionalInt.empty(),
                OptionalInt.empty());

        assertThatThrownBy(() -> new Generator(runner, traits, null)).hasMessageContaining("is an encoder");
    }

    private static ModelTraits traits(OptionalInt maxPositions) {
        return new ModelTraits(
                ModelTraits.Kind.DECODER,
                384,
                List.of(1),
                List.of(),
                OptionalInt.of(0),
                maxPositions,
                OptionalInt.empty());
    }

    private static GenerationOptions stopping(String... stops) {
        return new GenerationOptions(50, 0, 0, 1, 1, 1, false, 0, true, List.of(stops));
    }

    private static GenerationOptions beams(int count, String... stops) {
        return new GenerationOptions(10, 0, 0, 1, count, 1, false, 0, true, List.of(stops));
    }

    /** The completions by id. */
    private static List<Completion> run(Generator generator, Request... requests) {
        Completion[] completions = new Completion[requests.length];
        generator.run(
                new ListSource(Arrays.asList(requests), 0),
                completion -> completions[(int) completion.id()] = completion,
                () -> false);
        assertThat(completions).doesNotContainNull();
        return List.of(completions);
    }
}
