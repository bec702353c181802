package dev.lockstep.generate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.backend.Limits;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Draws have the frequencies of the restricted softmax, by Pearson's chi-square test on fixed seeds. */
class SamplingStatisticsTest {
    private static final int VOCABULARY = 300;
    private static final int ROWS = 1000;
    private static final int SAMPLES = 8;
    private static final int[] PROMPT = {5, 9};

    static Stream<Sampling> restrictions() {
        Sampling warm = Sampling.GREEDY.withTemperature(0.8).withSamples(SAMPLES);
        return Stream.of(
                warm,
                warm.withTopK(20),
                warm.withTopP(0.7),
                warm.withMinP(0.2),
                warm.withTypicalP(0.5),
                warm.withTopP(0.9).withTypicalP(0.6),
                warm.withTopK(50).withMinP(0.1));
    }

    @ParameterizedTest
    @MethodSource("restrictions")
    void drawsFollowTheRestrictedSoftmax(Sampling sampling) {
        HashModel model = new HashModel(VOCABULARY);
        int[] counts = draws(model, sampling);
        float[] logits = model.naive(null, PROMPT);
        List<Integer> allowed = NaiveChoice.allowed(logits, sampling);
        double[] shares = NaiveChoice.probabilities(allowed, logits, sampling.temperature());

        double statistic = 0;
        int inside = 0;
        for (int i = 0; i < allowed.size(); i++) {
            double expected = shares[i] * ROWS * SAMPLES;
            statistic += Math.pow(counts[allowed.get(i)] - expected, 2) / expected;
            inside += counts[allowed.get(i)];
        }
        assertThat(inside).as("no other token is drawn").isEqualTo(ROWS * SAMPLES);
        assertThat(statistic).isLessThan(critical(allowed.size() - 1));
    }

    private static int[] draws(HashModel model, Sampling sampling) {
        ModelTraits traits = new ModelTraits(
                ModelTraits.Kind.DECODER,
                VOCABULARY,
                List.of(),
                List.of(),
                OptionalInt.empty(),
                OptionalInt.empty(),
                OptionalInt.empty());
        List<Request> requests = new ArrayList<>();
        for (int row = 0; row < ROWS; row++) {
            GenerationOptions options =
                    GenerationOptions.GREEDY.withMaxNewTokens(1).with(sampling.withSeed(row));
            requests.add(new Request(row, null, PROMPT, options));
        }
        int[] counts = new int[VOCABULARY];
        PagedHashModel runner = new PagedHashModel(model, new Limits(256, 128, 128, 200, 4));
        new Generator(runner, traits, null)
                .run(
                        new ListSource(requests, 0),
                        completion -> completion.outputs().forEach(output -> counts[output.tokenIds()[0]]++),
                        () -> false);
        return counts;
    }

    /** What chance exceeds once in ten thousand times (Wilson and Hilferty 1931). */
    private static double critical(int degrees) {
        double ninth = 2.0 / (9 * degrees);
        return degrees * Math.pow(1 - ninth + 3.719 * Math.sqrt(ninth), 3);
    }
}
