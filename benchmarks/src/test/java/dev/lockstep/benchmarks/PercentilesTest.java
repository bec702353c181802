package dev.lockstep.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class PercentilesTest {
    @Test
    void isTheNearestRank() {
        List<Double> hundred =
                IntStream.rangeClosed(1, 100).mapToObj(Double::valueOf).toList();

        assertThat(Percentiles.of(hundred, 0.5)).isEqualTo(50);
        assertThat(Percentiles.of(hundred, 0.99)).isEqualTo(99);
        assertThat(Percentiles.of(hundred, 1)).isEqualTo(100);
        assertThat(Percentiles.of(List.of(1.0, 2.0, 3.0), 0.5)).isEqualTo(2);
        assertThat(Percentiles.of(List.of(7.0), 0.01)).isEqualTo(7);
    }
}
