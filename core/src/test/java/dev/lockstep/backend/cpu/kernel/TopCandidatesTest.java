package dev.lockstep.backend.cpu.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.backend.CounterNoise;
import dev.lockstep.backend.cpu.memory.Matrix;
import dev.lockstep.backend.cpu.memory.VectorSupport;
import dev.lockstep.backend.cpu.memory.Workers;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TopCandidatesTest {

    @ParameterizedTest
    @CsvSource({
        "1,1,1,1",
        "3,1000,1,2",
        "5,1037,8,2",
        "4,5,8,1",
        "2,0,3,1",
        "2,3000,64,2",
        "2,3000,700,2",
        "3,400,1000,1",
        "2,50,25,1"
    })
    void findsTheBestInOrder(int rows, int width, int count, int threads) {
        for (boolean vectors : new boolean[] {VectorSupport.AVAILABLE, false}) {
            try (Samples samples = new Samples(width);
                    Workers workers = new Workers(threads)) {
                Matrix logits = samples.matrix(rows, width);
                for (int row = 0; row < rows; row++) {
                    for (int c = 0; c < width; c++) {
                        // Many ties.
                        logits.set(row, c, Math.round(logits.get(row, c) * 20) / 20f);
                    }
                }
                int[] ids = IntStream.range(0, width).map(i -> 3 * i + 7).toArray();
                TopCandidates top = new TopCandidates(workers, rows, count, vectors);
                top.best(logits, rows, width, ids, count);
                for (int row = 0; row < rows; row++) {
                    checkRow(logits, row, width, ids, count, top);
                }
            }
        }
    }

    private static void checkRow(Matrix logits, int row, int width, int[] ids, int count, TopCandidates top) {
        List<Integer> sorted = IntStream.range(0, width)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer c) -> -logits.get(row, c))
                        .thenComparing(c -> c))
                .collect(Collectors.toList());
        for (int i = 0; i < count; i++) {
            assertThat(top.token(row, i)).isEqualTo(i < width ? ids[sorted.get(i)] : TopCandidates.NO_TOKEN);
            assertThat(top.logit(row, i))
                    .isEqualTo(i < width ? logits.get(row, sorted.get(i)) : Float.NEGATIVE_INFINITY);
        }
        double sum = 0;
        for (int c = 0; c < width; c++) {
            sum += Math.exp(logits.get(row, c) - top.max(row));
        }
        assertThat(top.max(row)).isEqualTo(width == 0 ? Float.NEGATIVE_INFINITY : top.logit(row, 0));
        Samples.assertClose(top.sumExp(row), sum, 2e-6, "sum");
    }

    @Test
    void drawsByNoiseOfSeedStepAndToken() {
        int rows = 6;
        int width = 2500;
        try (Samples samples = new Samples(3);
                Workers workers = new Workers(2)) {
            Matrix logits = samples.matrix(rows, width);
            int[] ids = IntStream.range(0, width).map(i -> 2 * i + 1).toArray();
            float[] temperatures = {1f, 0f, 0.5f, 2f, 1f, 0.1f};
            long[] seeds = {1, 2, 3, -4, 5, Long.MAX_VALUE};
            int[] steps = {0, 1, 2, 3, 4, 1 << 20};
            for (boolean vectors : new boolean[] {VectorSupport.AVAILABLE, false}) {
                TopCandidates top = new TopCandidates(workers, rows, 2, vectors);
                top.best(logits, rows, width, ids, 2);
                int greedy = top.token(1, 0);
                top.draw(temperatures, seeds, steps);
                assertThat(top.token(1, 0)).isEqualTo(greedy);
                for (int row = 0; row < rows; row++) {
                    if (temperatures[row] > 0) {
                        long key = CounterNoise.key(seeds[row], steps[row]);
                        int best = 0;
                        float value = Float.NEGATIVE_INFINITY;
                        for (int c = 0; c < width; c++) {
                            float noisy = CounterNoise.noisy(logits.get(row, c), temperatures[row], key, ids[c]);
                            if (noisy > value) {
                                value = noisy;
                                best = c;
                            }
                        }
                        assertThat(top.token(row, 0)).isEqualTo(ids[best]);
                        assertThat(top.logit(row, 0)).isEqualTo(logits.get(row, best));
                    }
                }
            }
        }
    }

    @Test
    void drawsFollowTheSoftmax() {
        float[] weights = {0.5f, 0.25f, 0.15f, 0.1f};
        int[] counts = new int[4];
        int draws = 40_000;
        try (Samples samples = new Samples(4);
                Workers workers = new Workers(1)) {
            Matrix logits = samples.matrix(1, 4);
            for (int i = 0; i < 4; i++) {
                logits.set(0, i, (float) Math.log(weights[i]));
            }
            TopCandidates top = new TopCandidates(workers, 1, 1);
            top.best(logits, 1, 4, new int[] {0, 1, 2, 3}, 1);
            for (int i = 0; i < draws; i++) {
                top.draw(new float[] {1f}, new long[] {i % 200}, new int[] {i / 200});
                counts[top.token(0, 0)]++;
            }
        }
        for (int i = 0; i < 4; i++) {
            // Four standard deviations of a share.
            double deviation = Math.sqrt(weights[i] * (1 - weights[i]) / draws);
            assertThat((double) counts[i] / draws).isBetween(weights[i] - 4 * deviation, weights[i] + 4 * deviation);
        }
    }

    @Test
    void refusesMoreThanItWasMadeFor() {
        try (Samples samples = new Samples(4);
                Workers workers = new Workers(1)) {
            TopCandidates top = new TopCandidates(workers, 2, 3);
            Matrix logits = samples.matrix(2, 8);
            assertThatThrownBy(() -> top.best(logits, 2, 8, new int[8], 4))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("at most 3");
        }
    }
}
