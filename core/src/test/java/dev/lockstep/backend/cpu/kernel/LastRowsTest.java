package dev.lockstep.backend.cpu.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.backend.cpu.memory.Matrix;
import dev.lockstep.backend.cpu.memory.Memory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LastRowsTest {
    private static final int WIDTH = 5;

    /** Two sequences of 23 and 9 rows in steps of several sizes, each step run twice, in blocks of four. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 7, 23})
    void everyRowMeetsTheOneBefore(int step) {
        int[] lengths = {23, 9};
        int[][] tables = {{7, 2, 5, 0, 9, 3}, {1, 8, 4}};
        try (Samples samples = new Samples(step);
                LastRows kept = new LastRows(10, 4, WIDTH, Memory.UNCOUNTED)) {
            Matrix[] whole = {samples.matrix(23, WIDTH), samples.matrix(9, WIDTH)};
            for (int from = 0; from < 23; from += step) {
                for (int sequence = 0; sequence < 2; sequence++) {
                    int rows = Math.min(step, lengths[sequence] - from);
                    if (rows > 0) {
                        check(kept, whole[sequence], tables[sequence], from, rows, samples);
                        check(kept, whole[sequence], tables[sequence], from, rows, samples);
                    }
                }
            }
        }
    }

    private static void check(LastRows kept, Matrix whole, int[] table, int from, int rows, Samples samples) {
        Matrix source = new Matrix(whole.slab(), whole.at(from, 0), whole.rowStride());
        Matrix target = samples.matrix(rows, WIDTH);
        int[] positions = new int[rows];
        for (int row = 0; row < rows; row++) {
            positions[row] = from + row;
        }
        kept.shift(source, target, 1, new int[] {0, rows}, positions, table, new int[] {0, table.length});
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < WIDTH; column++) {
                float expected = from + row == 0 ? 0 : whole.get(from + row - 1, column);
                assertThat(target.get(row, column)).isEqualTo(expected);
            }
        }
    }

    @Test
    void aCopiedBlockGoesOnByItself() {
        try (Samples samples = new Samples(1);
                LastRows kept = new LastRows(4, 4, WIDTH, Memory.UNCOUNTED)) {
            Matrix first = samples.matrix(4, WIDTH);
            check(kept, first, new int[] {1}, 0, 2, samples);
            kept.copyBlock(1, 3);
            check(kept, first, new int[] {1}, 2, 1, samples);
            check(kept, first, new int[] {3}, 2, 2, samples);
            check(kept, first, new int[] {1}, 3, 1, samples);
        }
    }

    @Test
    void aRowThatIsNotThereIsNoticed() {
        try (Samples samples = new Samples(1);
                LastRows kept = new LastRows(4, 4, WIDTH, Memory.UNCOUNTED)) {
            Matrix rows = samples.matrix(4, WIDTH);
            assertThatThrownBy(() -> check(kept, rows, new int[] {2}, 3, 1, samples))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("block 2 does not hold the row of position 2");
        }
    }
}
