package dev.lockstep.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.backend.Limits;
import dev.lockstep.graph.Reach;
import java.util.List;
import org.junit.jupiter.api.Test;

class StepSizesTest {

    @Test
    void windowsWantNoMoreThanTheyHold() {
        StepSizes full = sizes(true, Reach.ALL);
        StepSizes mixed = sizes(true, Reach.ALL, Reach.window(100), Reach.window(100));

        assertThat(full.wantedBlocks()).isEqualTo(256 * 64);
        // A window of 100 lies in 8 blocks at most; prompts of a step add its 2048 tokens.
        assertThat(mixed.wantedBlocks()).isEqualTo(256 * 64 + 2 * (256 * 8 + 128));
        assertThat(full.leastBlocks()).isEqualTo(8);
        assertThat(mixed.leastBlocks()).isEqualTo(24);
        assertThat(mixed.limits(7)).isEqualTo(new Limits(2048, 256, 256, 7, 16, mixed.groups()));
    }

    @Test
    void withoutCachesNoBlocksAreWanted() {
        StepSizes encoder = sizes(false, Reach.ALL);

        assertThat(encoder.wantedBlocks()).isZero();
        assertThat(encoder.leastBlocks()).isZero();
        assertThat(encoder.limits(7).blocks()).isZero();
    }

    private static StepSizes sizes(boolean caches, Reach... groups) {
        return new StepSizes(2048, 256, 256, 1024, caches, 16, List.of(groups), 0);
    }
}
