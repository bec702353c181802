package dev.lockstep.backend.cpu.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.backend.Precision;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class KvCacheTest {

    /** What reports say of a token is what a block takes, where blocks hold whole groups. */
    @ParameterizedTest
    @EnumSource(Precision.class)
    void aBlockTakesItsTokensAndNoMore(Precision precision) {
        for (int[] widths : new int[][] {{64, 64}, {33, 17}, {24, 0}}) {
            long token = precision.cachedBytes(widths[0]) + precision.cachedBytes(widths[1]);
            assertThat(KvCache.blockBytes(3, 32, widths[0], widths[1], precision))
                    .isEqualTo(3 * 32 * token);
        }
    }
}
