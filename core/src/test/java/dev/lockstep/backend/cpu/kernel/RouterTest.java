package dev.lockstep.backend.cpu.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.backend.cpu.memory.Matrix;
import dev.lockstep.backend.cpu.memory.Workers;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RouterTest {
    private static final int ROWS = 60;

    @ParameterizedTest
    @CsvSource({
        // experts, chosen, scores, groups, kept, by two, renormalised, corrected, factor, threads
        "4, 2, SOFTMAX,           1, 1, false, true,  false, 1,   1",
        "7, 3, SOFTMAX,           1, 1, false, false, false, 1,   2",
        "5, 5, SOFTMAX,           1, 1, false, true,  false, 1,   1",
        "1, 1, SOFTMAX,           1, 1, false, false, false, 1,   1",
        "9, 3, SOFTMAX,           3, 2, false, false, false, 16,  2",
        "7, 2, SOFTMAX_OF_CHOSEN, 1, 1, false, false, false, 1,   3",
        "6, 2, SIGMOID,           1, 1, false, false, false, 1,   1",
        "12, 4, SIGMOID,          4, 2, true,  true,  true,  2.5, 2",
        "12, 4, SIGMOID,          4, 2, true,  false, false, 2.5, 1",
        "5, 2, SIGMOID,           5, 3, true,  true,  true,  1,   1",
        "64, 8, SIGMOID,          1, 1, false, true,  true,  1,   2",
    })
    void choosesAndWeighs(
            int experts,
            int chosen,
            RouterSpec.Scores scores,
            int groups,
            int kept,
            boolean byTwo,
            boolean renormalised,
            boolean corrected,
            float factor,
            int threads) {
        RouterSpec spec = new RouterSpec(experts, chosen, scores, 0, groups, kept, byTwo, renormalised, factor);
        try (Samples samples = new Samples(experts);
                Workers workers = new Workers(threads)) {
            Matrix logits = samples.matrix(ROWS, experts);
            Matrix weights = samples.matrix(ROWS, experts);
            float[] correction = corrected ? samples.array(experts) : null;
            new Router(workers).route(spec, correction, logits, ROWS, weights);
            for (int row = 0; row < ROWS; row++) {
                double[] expected = expected(spec, correction, Samples.values(logits, ROWS, experts)[row]);
                for (int i = 0; i < experts; i++) {
                    Samples.assertClose(weights.get(row, i), expected[i], 1e-5, "row " + row + ", expert " + i);
                }
            }
        }
    }

    /** By sorting, in doubles. */
    private static double[] expected(RouterSpec spec, float[] correction, float[] logits) {
        double[] score = new double[logits.length];
        double all = 0;
        for (float logit : logits) {
            all += Math.exp(logit);
        }
        for (int i = 0; i < score.length; i++) {
            score[i] = switch (spec.scores()) {
                case SOFTMAX -> Math.exp(logits[i]) / all;
                case SIGMOID -> 1 / (1 + Math.exp(-logits[i]));
                default -> Math.exp(logits[i]);
            };
        }
        Comparator<Integer> byChoice =
                Comparator.comparingDouble(i -> -(score[i] + (correction == null ? 0 : correction[i])));
        int size = spec.groupSize();
        List<Integer> groups = IntStream.range(0, spec.groups())
                .boxed()
                .sorted(Comparator.comparingDouble(group -> IntStream.range(group * size, (group + 1) * size)
                        .boxed()
                        .sorted(byChoice)
                        .limit(spec.groupsByTwo() ? 2 : 1)
                        .mapToDouble(i -> -score[i] - (correction == null ? 0 : correction[i]))
                        .sum()))
                .limit(spec.keptGroups())
                .toList();
        List<Integer> chosen = IntStream.range(0, score.length)
                .boxed()
                .filter(i -> groups.contains(i / size))
                .sorted(byChoice)
                .limit(spec.chosen())
                .toList();
        boolean shares = spec.renormalised() || spec.scores() == RouterSpec.Scores.SOFTMAX_OF_CHOSEN;
        double divisor = shares ? chosen.stream().mapToDouble(i -> score[i]).sum() : 1;
        double[] weights = new double[score.length];
        chosen.forEach(i -> weights[i] = score[i] / divisor * spec.factor());
        return weights;
    }

    @ParameterizedTest
    @CsvSource({
        // Within 2 * 0.05 of the best, relative to the larger magnitude, share the softmax; the first is gone in round
        // two.
        "'2, 1.9, 1, -3',       '0.524979, 1, 0, 0'",
        "'1, 1, 1, 1',          '0.25, 0.333333, 0, 0'",
        "'-1, -1.05, -2, -9',   '0.512497, 1, 0, 0'",
        "'0, 0, -1, -5',        '0.5, 1, 0, 0'",
    })
    void mixesSparsely(String logitsText, String expected) {
        RouterSpec spec = new RouterSpec(4, 2, RouterSpec.Scores.SPARSE_MIXER, 0.05, 1, 1, false, false, 1);
        assertThat(route(spec, logitsText)).usingComparatorWithPrecision(1e-5f).containsExactly(floats(expected));
    }

    @ParameterizedTest
    @CsvSource({
        "SOFTMAX, '3, 3, 3, 3', '0.25, 0.25, 0, 0'",
        "SOFTMAX_OF_CHOSEN, '1, 3, 3, 3', '0, 0.5, 0.5, 0'",
        "SIGMOID, '-200, -200, -200, -300', '0, 0, 0, 0'",
    })
    void tiesGoToTheLowerNumber(RouterSpec.Scores scores, String logits, String expected) {
        RouterSpec spec = new RouterSpec(4, 2, scores, 0, 1, 1, false, scores == RouterSpec.Scores.SIGMOID, 1);
        assertThat(route(spec, logits)).usingComparatorWithPrecision(1e-6f).containsExactly(floats(expected));
    }

    private static float[] route(RouterSpec spec, String text) {
        float[] values = floats(text);
        try (Samples samples = new Samples(1);
                Workers workers = new Workers(1)) {
            Matrix logits = samples.matrix(1, values.length);
            Matrix weights = samples.matrix(1, values.length);
            for (int i = 0; i < values.length; i++) {
                logits.set(0, i, values[i]);
            }
            new Router(workers).route(spec, null, logits, 1, weights);
            return Samples.values(weights, 1, values.length)[0];
        }
    }

    private static float[] floats(String text) {
        String[] parts = text.split(", ");
        float[] values = new float[parts.length];
        for (int i = 0; i < parts.length; i++) {
            values[i] = Float.parseFloat(parts[i]);
        }
        return values;
    }
}
