package dev.lockstep.graph;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.testing.Seeds;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class ReachTest {
    private static List<Integer> seen(Reach reach, int position, int keys) {
        KeySpans spans = new KeySpans();
        reach.spans(position, keys, spans);
        List<Integer> seen = new ArrayList<>();
        for (int span = 0; span < spans.count(); span++) {
            int before = seen.size();
            for (int key = spans.from(span); key < spans.end(span); key += spans.step(span)) {
                seen.add(key);
            }
            assertThat(seen.size() - before).isEqualTo(spans.keys(span));
        }
        assertThat(seen).hasSize(spans.keys()).allMatch(key -> key >= 0 && key < keys);
        return seen;
    }

    @Test
    void windowsOnBothSides() {
        assertThat(seen(Reach.window(3), 5, 10)).containsExactly(3, 4, 5, 6, 7);
        assertThat(seen(Reach.window(3), 0, 10)).containsExactly(0, 1, 2);
        assertThat(seen(Reach.window(3), 9, 10)).containsExactly(7, 8, 9);
    }

    @Test
    void dilatedWindowsCountFromTheQuery() {
        assertThat(seen(new Reach.Window(3, 2), 5, 20)).containsExactly(1, 3, 5, 7, 9);
        assertThat(seen(new Reach.Window(3, 3), 2, 7)).containsExactly(2, 5);
        assertThat(seen(new Reach.Window(4, 3), 4, 20)).containsExactly(1, 4, 7, 10, 13);
    }

    @Test
    void chunksWithNeighbours() {
        Reach reach = new Reach.Chunk(4, 1, 1, false);
        assertThat(seen(reach, 5, 14)).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
        assertThat(seen(reach, 13, 14)).containsExactly(8, 9, 10, 11, 12, 13);
        assertThat(seen(new Reach.Chunk(4, 1, 0, true), 1, 10)).containsExactly(8, 9, 0, 1, 2, 3);
        assertThat(seen(Reach.chunk(4), 6, 10)).containsExactly(4, 5, 6, 7);
    }

    /** As BigBird in evaluation: the first block once more for each random one. */
    @Test
    void listsOfBlocks() {
        Reach reach = new Reach.Blocks(2, 1, 1, List.of(0, -1), List.of(0, 0));
        assertThat(seen(reach, 0, 12)).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
        assertThat(seen(reach, 11, 12)).hasSize(12);
        assertThat(seen(reach, 6, 12)).containsExactly(4, 5, 6, 7, 8, 9, 0, 1, 10, 11, 0, 1, 0, 1);
        assertThat(seen(reach, 2, 12)).containsExactly(0, 1, 2, 3, 4, 5, 10, 11, 0, 1, 0, 1);
    }

    @Test
    void cachedKeysAreRanges() {
        assertThat(Reach.ALL.isRange()).isTrue();
        assertThat(Reach.window(7).isRange()).isTrue();
        assertThat(Reach.chunk(7).isRange()).isTrue();
        assertThat(new Reach.Window(7, 2).isRange()).isFalse();
        assertThat(new Reach.Chunk(7, 1, 0, false).isRange()).isFalse();
        assertThat(new Reach.Blocks(7, 1, 1, List.of(), List.of()).isRange()).isFalse();
    }

    /** What a query may see never lies before what its reach says can be forgotten. */
    @Seeds(300)
    void nothingThatIsSeenIsForgotten(long seed) {
        Random random = new Random(seed);
        int keys = 1 + random.nextInt(40);
        Reach reach =
                switch (random.nextInt(4)) {
                    case 0 -> new Reach.Window(1 + random.nextInt(6), 1 + random.nextInt(3));
                    case 1 ->
                        new Reach.Chunk(
                                1 + random.nextInt(6), random.nextInt(2), random.nextInt(2), random.nextBoolean());
                    case 2 -> new Reach.Blocks(1 + random.nextInt(4), 1, 1, List.of(0), List.of());
                    default -> Reach.ALL;
                };
        int position = random.nextInt(keys);
        List<Integer> seen = seen(reach, position, keys);
        assertThat(seen).contains(position).allMatch(key -> key >= reach.firstKey(position));
    }
}
