package dev.lockstep.backend.cpu.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.backend.CacheType;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class KvCacheTest {

    /** What reports say of a token is what a block takes, where blocks hold whole groups. */
    @ParameterizedTest
    @EnumSource(value = CacheType.class, mode = EnumSource.Mode.EXCLUDE, names = "FP16")
    void aBlockTakesItsTokensAndNoMore(CacheType type) {
        for (int[] widths : new int[][] {{64, 64}, {33, 17}, {24, 0}}) {
            CacheType held = widths[1] == 0 ? type.ofLatents() : type;
            long token = held.bytes(widths[0]) + held.bytes(widths[1]);
            assertThat(KvCache.blockBytes(3, 32, widths[0], widths[1], type)).isEqualTo(3 * 32 * token);
        }
    }
}
