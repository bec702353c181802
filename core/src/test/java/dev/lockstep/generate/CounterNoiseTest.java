package dev.lockstep.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class CounterNoiseTest {

    @Test
    void uniformFillsTheOpenUnitInterval() {
        double sum = 0;
        double squares = 0;
        int draws = 100_000;
        for (int token = 0; token < draws; token++) {
            double u = CounterNoise.uniform(5, token % 7, token);
            assertThat(u).isGreaterThan(0).isLessThan(1);
            sum += u;
            squares += u * u;
        }
        assertThat(sum / draws).isCloseTo(0.5, within(0.005));
        assertThat(squares / draws).isCloseTo(1.0 / 3, within(0.005));
    }

    @Test
    void gumbelMaximaAreDrawsFromTheSoftmax() {
        double[] probabilities = {0.5, 0.3, 0.15, 0.05};
        int[] counts = new int[probabilities.length];
        int draws = 50_000;
        for (int draw = 0; draw < draws; draw++) {
            long seed = draw / 100;
            int step = draw % 100;
            int best = 0;
            for (int token = 1; token < probabilities.length; token++) {
                if (noisy(probabilities, seed, step, token) > noisy(probabilities, seed, step, best)) {
                    best = token;
                }
            }
            counts[best]++;
        }
        for (int token = 0; token < counts.length; token++) {
            assertThat(counts[token] / (double) draws).isCloseTo(probabilities[token], within(0.01));
        }
    }

    private static double noisy(double[] probabilities, long seed, int step, int token) {
        return Math.log(probabilities[token]) + CounterNoise.gumbel(seed, step, token);
    }

    @Test
    void theKeyIsAShortcutOnly() {
        assertThat(CounterNoise.gumbel(CounterNoise.key(3, 4), 5)).isEqualTo(CounterNoise.gumbel(3, 4, 5));
    }

    @Test
    void aRowsSeedDependsOnItsTokensAndTheirOrder() {
        long seed = CounterNoise.seed(1, new int[] {1, 2, 3});

        assertThat(CounterNoise.seed(1, new int[] {1, 2, 3})).isEqualTo(seed);
        assertThat(CounterNoise.seed(1, new int[] {1, 3, 2})).isNotEqualTo(seed);
        assertThat(CounterNoise.seed(2, new int[] {1, 2, 3})).isNotEqualTo(seed);
    }

    /** Every rank and every version must draw the same: the function is part of what a seed means (values of a second implementation). */
    @Test
    void valuesAreFixed() {
        assertThat(CounterNoise.uniform(0, 0, 0)).isEqualTo(0.13870941014555432);
        assertThat(CounterNoise.uniform(-1, 100, 31999)).isEqualTo(0.04678694313316639);
    }
}
