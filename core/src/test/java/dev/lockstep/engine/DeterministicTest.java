package dev.lockstep.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.backend.Limits;
import dev.lockstep.backend.StepInput;
import dev.lockstep.backend.StepOutput;
import dev.lockstep.generate.Batching;
import dev.lockstep.generate.ModelTraits;
import dev.lockstep.generate.Scorer;
import dev.lockstep.generate.StepRunner;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The deterministic mode: a row's numbers are the same bits whatever it is batched with and however it is cut. */
class DeterministicTest {
    private static final Path GOLDENS = Path.of("src/test/resources/goldens");
    private static final int ROWS = 7;
    private static final int NEW_TOKENS = 9;

    @ParameterizedTest
    @CsvSource({
        "llama, fp32, 1",
        "llama, bf16, 1",
        "llama, bf16, 3",
        "llama, int8, 1",
        "opt, int8, 2",
        "gpt2, bf16, 1",
        "gpt_oss, fp32, 1",
        "gpt_oss, bf16, 2",
        "qwen3_moe, bf16, 1",
        "deepseek_v3, bf16, 1",
        "gemma2, fp32, 2",
        "bloom, bf16, 1",
        "t5, bf16, 1",
        "yuan, bf16, 1"
    })
    void aRowsBitsAreItsOwn(String family, String dtype, int tp) {
        EngineOptions options = new EngineOptions(
                        GOLDENS.resolve(family).toString(), tp, dtype, "max", 2, 1L << 30, 96, 8)
                .withDeterministic(true);
        try (LocalGroup group = LocalGroup.open(options, true)) {
            StepRunner runner = group.leader().stepRunner();
            ModelTraits traits = group.leader().traits();
            List<Scorer.Case> cases = cases(group.leader().model().vocabulary());

            List<float[]> logits = new ArrayList<>();
            List<Scorer.Greedy> texts = new ArrayList<>();
            for (Scorer.Case each : cases) {
                logits.addAll(logits(new Scorer(runner, traits), List.of(each)));
                texts.addAll(greedy(new Scorer(runner, traits), List.of(each)));
            }

            same(logits, logits(new Scorer(runner, traits), cases));
            same(logits, logits(new Scorer(runner, traits, 5), cases));
            sameTexts(texts, greedy(new Scorer(runner, traits), cases));
            sameTexts(texts, greedy(new Scorer(runner, traits, 3), cases));
            Batching shared = Batching.PLAIN
                    .withWindow(4)
                    .withPrefixes(group.leader().model().sharesPrefixes());
            sameTexts(texts, greedy(new Scorer(runner, traits, shared), cases));
            sameTexts(texts, greedy(new Scorer(new Small(runner, pool(runner, traits)), traits), cases));
            List<Scorer.Case> reversed = new ArrayList<>(cases);
            Collections.reverse(reversed);
            List<Scorer.Greedy> backwards = greedy(new Scorer(runner, traits, shared), reversed);
            Collections.reverse(backwards);
            sameTexts(texts, backwards);
        }
    }

    /** Over ranks sums are taken in other parts: rows are the same up to a step that was as good as undecided. */
    @ParameterizedTest
    @CsvSource({"llama, fp32, 1e-3", "llama, bf16, 0.1", "gpt_oss, fp32, 1e-3", "t5, fp32, 1e-3"})
    void overRanksTextsAreThoseOfOneUpToACloseStep(String family, String dtype, float close) {
        List<List<Scorer.Greedy>> texts = new ArrayList<>();
        for (int tp = 1; tp <= 3; tp++) {
            EngineOptions options = new EngineOptions(
                            GOLDENS.resolve(family).toString(), tp, dtype, "max", 1, 1L << 30, 96, 8)
                    .withDeterministic(true);
            try (LocalGroup group = LocalGroup.open(options, true)) {
                List<Scorer.Case> cases = cases(group.leader().model().vocabulary());
                texts.add(greedy(
                        new Scorer(group.leader().stepRunner(), group.leader().traits()), cases));
            }
        }
        int compared = 0;
        for (List<Scorer.Greedy> split : texts.subList(1, 3)) {
            for (int row = 0; row < ROWS; row++) {
                Scorer.Greedy whole = texts.get(0).get(row);
                for (int i = 0; i < NEW_TOKENS && whole.margins()[i] > close; i++) {
                    assertThat(split.get(row).tokens()[i]).isEqualTo(whole.tokens()[i]);
                    compared++;
                }
            }
        }
        assertThat(compared).isGreaterThan(2 * ROWS * NEW_TOKENS / 4);
    }

    /** What rows need that push each other out: the longest alone, and a little more. */
    private static int pool(StepRunner runner, ModelTraits traits) {
        Limits limits = runner.limits();
        int longest = 20 + 3 * ROWS + NEW_TOKENS;
        return limits.heldBlocks(longest, longest) * (traits.encoderDecoder() ? 3 : 2);
    }

    private static List<Scorer.Case> cases(int vocabulary) {
        List<Scorer.Case> cases = new ArrayList<>();
        for (int i = 0; i < ROWS; i++) {
            IntStream common = new Random(1).ints(i < 4 ? 18 : 0, 2, vocabulary);
            IntStream own = new Random(10 + i).ints(2 + 3 * i, 2, vocabulary);
            int[] prompt = IntStream.concat(common, own).toArray();
            cases.add(new Scorer.Case(prompt, null, Arrays.copyOf(prompt, 3 + i), null));
        }
        return cases;
    }

    private static List<float[]> logits(Scorer scorer, List<Scorer.Case> cases) {
        return scorer.outputs(cases).stream()
                .map(outputs -> outputs.get(StepOutput.LOGITS).values())
                .toList();
    }

    private static List<Scorer.Greedy> greedy(Scorer scorer, List<Scorer.Case> cases) {
        int[] lengths = new int[cases.size()];
        Arrays.fill(lengths, NEW_TOKENS);
        return new ArrayList<>(scorer.greedy(cases, lengths));
    }

    private static void same(List<float[]> expected, List<float[]> found) {
        for (int i = 0; i < expected.size(); i++) {
            assertThat(found.get(i)).as("logits of row %d", i).containsExactly(expected.get(i));
        }
    }

    private static void sameTexts(List<Scorer.Greedy> expected, List<Scorer.Greedy> found) {
        for (int i = 0; i < expected.size(); i++) {
            assertThat(found.get(i).tokens()).isEqualTo(expected.get(i).tokens());
            assertThat(found.get(i).margins()).containsExactly(expected.get(i).margins());
        }
    }

    /** A machine of which only some blocks are used. */
    private record Small(StepRunner runner, int blocks) implements StepRunner {
        @Override
        public Limits limits() {
            Limits all = runner.limits();
            return new Limits(
                    all.maxTokens(),
                    all.maxSequences(),
                    all.maxOutputRows(),
                    Math.min(blocks, all.blocks()),
                    all.blockSize(),
                    all.groups());
        }

        @Override
        public StepInput input() {
            return runner.input();
        }

        @Override
        public StepOutput run() {
            return runner.run();
        }
    }
}
