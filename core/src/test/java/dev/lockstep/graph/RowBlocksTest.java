package dev.lockstep.graph;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.testing.Seeds;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class RowBlocksTest {
    /** As Funnel pools: the first row stays alone, the last one falls away. */
    private static final RowBlocks PAIRS = new RowBlocks(2, true, true, RowBlocks.Rest.OWN, 2);
    /** As LongT5 sums: what fills no block joins the last one. */
    private static final RowBlocks SUMS = RowBlocks.of(4, RowBlocks.Rest.JOINED);

    private static String ranges(RowBlocks blocks, int rows) {
        StringBuilder text = new StringBuilder();
        for (int block = 0; block < blocks.count(rows); block++) {
            text.append(blocks.first(block, rows))
                    .append('-')
                    .append(blocks.end(block, rows))
                    .append(' ');
        }
        return text.toString().strip();
    }

    @Test
    void theFirstRowApartAndTheLastLeftOut() {
        assertThat(ranges(PAIRS, 1)).isEqualTo("0-1");
        assertThat(ranges(PAIRS, 2)).isEqualTo("0-1 1-2");
        assertThat(ranges(PAIRS, 3)).isEqualTo("0-1 1-2");
        assertThat(ranges(PAIRS, 6)).isEqualTo("0-1 1-3 3-5");
        assertThat(ranges(PAIRS, 7)).isEqualTo("0-1 1-3 3-5 5-6");
        assertThat(PAIRS.blockOf(5, 6)).isEqualTo(-1);
        assertThat(PAIRS.blockOf(4, 6)).isEqualTo(2);
    }

    @Test
    void aRestJoinsTheLastBlock() {
        assertThat(ranges(SUMS, 3)).isEmpty();
        assertThat(SUMS.blockOf(2, 3)).isEqualTo(-1);
        assertThat(ranges(SUMS, 8)).isEqualTo("0-4 4-8");
        assertThat(ranges(SUMS, 11)).isEqualTo("0-4 4-11");
        assertThat(SUMS.blockOf(10, 11)).isEqualTo(1);
    }

    @Seeds(400)
    void rangesHoldExactlyTheRowsThatSayTheyAreInThem(long seed) {
        Random random = new Random(seed);
        RowBlocks blocks = new RowBlocks(
                1 + random.nextInt(5),
                random.nextBoolean(),
                random.nextBoolean(),
                RowBlocks.Rest.values()[random.nextInt(2)],
                random.nextInt(4));
        int rows = random.nextInt(30);
        int[] found = new int[rows];
        java.util.Arrays.fill(found, -1);
        for (int block = 0; block < blocks.count(rows); block++) {
            assertThat(blocks.end(block, rows))
                    .isGreaterThan(blocks.first(block, rows))
                    .isLessThanOrEqualTo(rows);
            for (int row = blocks.first(block, rows); row < blocks.end(block, rows); row++) {
                assertThat(found[row])
                        .as("%s: row %d of %d in two blocks", blocks, row, rows)
                        .isEqualTo(-1);
                found[row] = block;
            }
        }
        for (int row = 0; row < rows; row++) {
            assertThat(blocks.blockOf(row, rows))
                    .as("%s: row %d of %d", blocks, row, rows)
                    .isEqualTo(found[row]);
        }
        assertThat(blocks.count(rows)).isLessThanOrEqualTo(rows);
    }
}
