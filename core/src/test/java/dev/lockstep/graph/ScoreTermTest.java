package dev.lockstep.graph;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class ScoreTermTest {
    private static int[] rows(ScoreTerm.ByBucket index, int... distances) {
        return IntStream.of(distances).map(index::row).toArray();
    }

    /** Worked out from the definition: beyond 4, buckets by the logarithm of distance / 4 up to 63. */
    @Test
    void bucketsGrowWithTheLogarithmOfDistance() {
        ScoreTerm.ByBucket index = new ScoreTerm.ByBucket(8, 8, 64);
        assertThat(rows(index, 0, 1, 2, 3, 4)).containsExactly(8, 9, 10, 11, 12);
        assertThat(rows(index, 5, 10, 11, 25, 26, 63, 64, 500)).containsExactly(13, 13, 14, 14, 15, 15, 15, 15);
        assertThat(rows(index, -1, -4, -5, -11, -26, -500)).containsExactly(7, 4, 3, 2, 1, 0);
    }

    @Test
    void withoutBucketsDistancesAreHeldWithinTheSpan() {
        ScoreTerm.ByBucket index = new ScoreTerm.ByBucket(3, 0, 3);
        assertThat(rows(index, -9, -3, -1, 0, 2, 3, 9)).containsExactly(0, 0, 2, 3, 5, 5, 5);
    }
}
