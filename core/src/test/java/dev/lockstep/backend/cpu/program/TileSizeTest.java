package dev.lockstep.backend.cpu.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class TileSizeTest {
    @Test
    void workersHaveAsManyTilesButForTheLast() {
        TileSize size = new TileSize(2, 128);
        assertThat(size.cuts(127)).isFalse();
        assertThat(size.cuts(128)).isTrue();
        assertThat(size.height(128)).isEqualTo(64);
        assertThat(size.height(256)).isEqualTo(128);
        assertThat(size.height(257)).isEqualTo(72); // two rounds
        assertThat(size.height(2048)).isEqualTo(128);
    }

    @Test
    void tilesFitTheirMemory() {
        for (int workers = 1; workers < 6; workers++) {
            for (int rows = 1; rows <= 128; rows++) {
                TileSize size = new TileSize(workers, rows);
                for (int count = 1; count < 700; count++) {
                    if (size.cuts(count)) {
                        assertThat(size.height(count)).isBetween(1, rows);
                    } else {
                        // Whole values use the same memory.
                        assertThat(count).isLessThanOrEqualTo(workers * rows);
                    }
                }
            }
        }
    }

    @Test
    void tilesCoverAStepAndStayWithinItsMemory() {
        for (int capacity : new int[] {100, 128, 133}) {
            for (int rows : new int[] {1, 3, 8, 20, 64}) {
                TileSize size = new TileSize(2, rows);
                for (int count = 1; count <= capacity; count++) {
                    int height = size.height(count);
                    int from = 0;
                    for (; from < count; from += height) {
                        int own = size.rows(from, count, height, capacity);
                        assertThat(own).isBetween(Math.min(height, count - from), height);
                        assertThat(from + own).isLessThanOrEqualTo(capacity);
                    }
                }
            }
        }
    }

    @Test
    void aSizeThatKernelsCannotTakeIsRefused() {
        System.setProperty("lockstep.cpu.tileRows", "129");
        try {
            assertThatThrownBy(() -> TileSize.of(2))
                    .hasMessage("a tile has 1 to 128 rows, found 129: set or remove the system property"
                            + " lockstep.cpu.tileRows");
        } finally {
            System.clearProperty("lockstep.cpu.tileRows");
        }
    }
}
