package dev.lockstep.generate;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RowSeedTest {

    @Test
    void aRowsSeedDependsOnItsTokensAndTheirOrder() {
        long seed = RowSeed.of(1, new int[] {1, 2, 3});

        assertThat(RowSeed.of(1, new int[] {1, 2, 3})).isEqualTo(seed);
        assertThat(RowSeed.of(1, new int[] {1, 3, 2})).isNotEqualTo(seed);
        assertThat(RowSeed.of(2, new int[] {1, 2, 3})).isNotEqualTo(seed);
    }

    @Test
    void aRowsFirstSampleIsTheRowAlone() {
        assertThat(RowSeed.ofSample(7, 0)).isEqualTo(7);
        assertThat(RowSeed.ofSample(7, 1)).isNotEqualTo(7).isNotEqualTo(RowSeed.ofSample(7, 2));
        assertThat(RowSeed.ofSample(8, 1)).isNotEqualTo(RowSeed.ofSample(7, 1));
    }
}
