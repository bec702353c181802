package dev.lockstep.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.backend.Limits;
import dev.lockstep.backend.StepOutput;
import dev.lockstep.generate.ModelTraits;
import dev.lockstep.generate.Scorer;
import dev.lockstep.graph.Reach;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Layers with windows and chunks far past their length, in pools that hold no more than these see: what is generated is
 * what the whole sequence, run in one step with all keys in the cache, says.
 */
class CachedWindowsTest {
    private static final Reach WINDOW = Reach.window(20);
    private static final Reach CHUNK = Reach.chunk(24);
    private static final int LONG = 200;

    @TempDir
    private Path folder;

    static Stream<Arguments> models() {
        return Stream.of(
                Arguments.of(List.of(WINDOW, WINDOW), 16),
                Arguments.of(List.of(Reach.window(1), Reach.window(1)), 4),
                Arguments.of(List.of(WINDOW, Reach.ALL, WINDOW, WINDOW), 4),
                Arguments.of(List.of(CHUNK, CHUNK, Reach.ALL), 8),
                Arguments.of(List.of(CHUNK, WINDOW, Reach.window(7)), 1));
    }

    @ParameterizedTest
    @MethodSource("models")
    void textFarPastTheWindowsNeedsNoMoreThanThey(List<Reach> reaches, int blockSize) {
        int[] prompt = tokens(1, 9);
        int pool = pool(reaches, prompt.length + LONG, 8, blockSize);
        assertThat(pool).isLessThan(pool(List.of(Reach.ALL), prompt.length + LONG, 1, blockSize) * groups(reaches));

        int[] found;
        try (WindowedModel small = open(reaches, 8, pool, blockSize)) {
            found = greedy(small, prompt, LONG);
        }
        checkGreedy(reaches, prompt, found);
    }

    @ParameterizedTest
    @MethodSource("models")
    void longPromptsRunInPieces(List<Reach> reaches, int blockSize) {
        int[] prompt = tokens(2, 150);
        for (int maxTokens : new int[] {1, 7, 64}) {
            int pool = pool(reaches, prompt.length + 10, 1, blockSize) + 2;
            try (WindowedModel small = open(reaches, maxTokens, pool, blockSize)) {
                checkGreedy(reaches, prompt, greedy(small, prompt, 10));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void logitsOfEveryRowAreThoseOfOneStep(List<Reach> reaches, int blockSize) {
        int[] prompt = tokens(3, 150);
        float[] expected = logits(reaches, prompt);
        for (int chunk : new int[] {1, 5, 33}) {
            int pool = pool(reaches, prompt.length, chunk, blockSize);
            try (WindowedModel small = open(reaches, 64, pool, blockSize)) {
                Scorer scorer = new Scorer(small.runner(), traits(), chunk);
                float[] found = scorer.outputs(List.of(Scorer.Case.of(prompt)))
                        .get(0)
                        .get(StepOutput.LOGITS)
                        .values();
                assertThat(found).hasSameSizeAs(expected);
                for (int i = 0; i < found.length; i++) {
                    assertThat(Math.abs(found[i] - expected[i]))
                            .as("logit %d in steps of %d", i, chunk)
                            .isLessThan(1e-4f);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void rowsThatPushEachOtherOutSayTheSame(List<Reach> reaches, int blockSize) {
        List<Scorer.Case> cases = new ArrayList<>();
        for (int row = 0; row < 6; row++) {
            cases.add(Scorer.Case.of(tokens(10 + row, 5 + 11 * row)));
        }
        int[] lengths = IntStream.generate(() -> 60).limit(cases.size()).toArray();
        int pool = 2 * pool(reaches, 5 + 55 + 60, 16, blockSize);
        try (WindowedModel small = open(reaches, 32, pool, blockSize)) {
            List<Scorer.Greedy> found = new Scorer(small.runner(), traits()).greedy(cases, lengths);
            for (int row = 0; row < cases.size(); row++) {
                checkGreedy(reaches, cases.get(row).inputIds(), found.get(row).tokens());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void beamsShareWhatTheyKeep(List<Reach> reaches, int blockSize) {
        List<Scorer.Case> cases = List.of(Scorer.Case.of(tokens(4, 30)), Scorer.Case.of(tokens(5, 3)));
        int[] lengths = {70, 70};
        int pool = 3 * pool(reaches, 100, 8, blockSize);
        try (WindowedModel small = open(reaches, 32, pool, blockSize);
                WindowedModel large = open(reaches, 512, 2000, 16)) {
            List<Scorer.Beam> found = new Scorer(small.runner(), traits()).beams(cases, lengths, 3);
            List<Scorer.Beam> expected = new Scorer(large.runner(), traits()).beams(cases, lengths, 3);
            for (int row = 0; row < cases.size(); row++) {
                assertThat(found.get(row).tokens()).isEqualTo(expected.get(row).tokens());
            }
        }
    }

    @Test
    void aWindowBeyondThePoolIsRefused() {
        List<Reach> reaches = List.of(Reach.ALL, WINDOW);
        try (WindowedModel small = open(reaches, 8, 10, 4)) {
            assertThatThrownBy(() -> greedy(small, tokens(1, 40), 1))
                    .hasMessageContaining("the prompt has 40 tokens and needs 16 cache blocks of 4 positions")
                    .hasMessageContaining("the pool holds 10");
        }
    }

    private WindowedModel open(List<Reach> reaches, int maxTokens, int blocks, int blockSize) {
        Path model = folder.resolve("model");
        if (!model.toFile().exists()) {
            WindowedModel.write(model, reaches);
        }
        return WindowedModel.open(model, reaches, maxTokens, blocks, blockSize);
    }

    /** Each token must be the best one after those before it, by the logits of one step over all of them. */
    private void checkGreedy(List<Reach> reaches, int[] prompt, int[] generated) {
        int[] all =
                IntStream.concat(IntStream.of(prompt), IntStream.of(generated)).toArray();
        float[] logits = logits(reaches, all);
        int vocabulary = WindowedModel.VOCABULARY;
        for (int i = prompt.length; i < all.length; i++) {
            int best = 0;
            for (int token = 1; token < vocabulary; token++) {
                if (logits[(i - 1) * vocabulary + token] > logits[(i - 1) * vocabulary + best]) {
                    best = token;
                }
            }
            assertThat(all[i]).as("token " + i).isEqualTo(best);
        }
    }

    private float[] logits(List<Reach> reaches, int[] tokens) {
        try (WindowedModel large = open(reaches, 512, 2000, 16)) {
            return new Scorer(large.runner(), traits())
                    .outputs(List.of(Scorer.Case.of(tokens)))
                    .get(0)
                    .get(StepOutput.LOGITS)
                    .values();
        }
    }

    private static int[] greedy(WindowedModel model, int[] prompt, int newTokens) {
        return new Scorer(model.runner(), traits())
                .greedy(List.of(Scorer.Case.of(prompt)), new int[] {newTokens})
                .get(0)
                .tokens();
    }

    private int pool(List<Reach> reaches, int length, int count, int blockSize) {
        int sum = 0;
        for (Reach reach : limits(reaches).groups()) {
            sum += reach.heldBlocks(length, count, blockSize);
        }
        return sum;
    }

    private int groups(List<Reach> reaches) {
        return limits(reaches).groups().size();
    }

    private Limits limits(List<Reach> reaches) {
        return WindowedModel.limits(reaches, 1, 1, 1);
    }

    private static int[] tokens(long seed, int count) {
        return new Random(seed).ints(count, 0, WindowedModel.VOCABULARY).toArray();
    }

    private static ModelTraits traits() {
        return new ModelTraits(
                ModelTraits.Kind.DECODER,
                WindowedModel.VOCABULARY,
                List.of(),
                List.of(),
                OptionalInt.empty(),
                OptionalInt.empty(),
                OptionalInt.empty());
    }
}
