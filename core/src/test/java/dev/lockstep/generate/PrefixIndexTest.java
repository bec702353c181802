package dev.lockstep.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.graph.Reach;
import dev.lockstep.testing.Seeds;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PrefixIndexTest {
    private static final int SIZE = 2;

    @Test
    void textsWhoseHashesAreEqualAreDifferentTexts() {
        int[] one = {0, 31, 7};
        int[] other = {1, 0, 7};
        assertThat(Arrays.hashCode(new int[] {0, 31})).isEqualTo(Arrays.hashCode(new int[] {1, 0}));
        PrefixIndex index = new PrefixIndex(4, SIZE, 1);

        Prefix prefix = index.advance(index.enter(index.empty()), one, 0);
        index.hold(prefix, 0, 3);

        assertThat(index.find(index.empty(), one, 0)).isSameAs(prefix);
        assertThat(index.find(index.empty(), other, 0)).isNull();
    }

    @Test
    void aPrefixIsForgottenWhenNothingUsesIt() {
        int[] text = {1, 2, 3, 4, 5};
        PrefixIndex index = new PrefixIndex(4, SIZE, 2);
        Prefix first = index.advance(index.enter(index.empty()), text, 0);
        index.hold(first, 0, 0);
        Prefix second = index.advance(first, text, 2);
        index.hold(second, 1, 1);

        index.leave(second);
        assertThat(index.size()).as("blocks hold both").isEqualTo(2);
        index.drop(0);
        assertThat(index.size()).as("the second goes on from the first").isEqualTo(2);
        assertThat(index.find(index.empty(), text, 0).isHeld(0)).isFalse();
        index.drop(1);
        assertThat(index.size()).isZero();
    }

    @Test
    void misuseIsAnError() {
        PrefixIndex index = new PrefixIndex(4, SIZE, 1);
        Prefix prefix = index.advance(index.enter(index.empty()), new int[] {1, 2}, 0);
        assertThatThrownBy(() -> prefix.block(0)).hasMessageContaining("does not hold block 0");
        index.hold(prefix, 0, 3);
        Prefix next = index.advance(prefix, new int[] {1, 2}, 0);
        assertThatThrownBy(() -> index.hold(next, 0, 3)).hasMessageContaining("block 3 holds another prefix");
    }

    /** What is found holds the very tokens that are looked for; what is given back last goes last. */
    @Seeds(300)
    void sequencesFindWhatOthersLeft(long seed) {
        Random random = new Random(seed);
        List<Reach> groups = random.nextBoolean() ? List.of(Reach.ALL) : List.of(Reach.ALL, Reach.window(3));
        int pool = 6 + random.nextInt(20);
        PrefixIndex index = new PrefixIndex(pool, SIZE, groups.size());
        BlockManager blocks = new BlockManager(pool, SIZE, index);
        PrefixSearch search = new PrefixSearch(index, groups, SIZE);
        // What a block of the pool holds: the text up to its end, and the group.
        Map<Integer, String> content = new HashMap<>();
        List<Sequence> open = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            if (!open.isEmpty() && random.nextInt(3) == 0) {
                open.remove(random.nextInt(open.size())).cache.free(blocks);
                continue;
            }
            int[] text = random.ints(1 + random.nextInt(9), 0, 2).toArray();
            Sequence sequence = new Sequence(text, groups);
            Prefix shared = sequence.longestKnown(search);
            assertThat(shared.depth() * SIZE).isLessThan(text.length);
            int needed = sequence.cache.startBlocks(shared, text.length, text.length, blocks);
            if (!blocks.canAllocate(needed)) {
                continue;
            }
            int free = blocks.freeBlocks();
            sequence.start(shared, text.length, blocks);
            assertThat(free - blocks.freeBlocks()).isEqualTo(needed);
            for (int group = 0; group < groups.size(); group++) {
                BlockTable table = sequence.cache.table(group);
                for (int block = table.first(); block < table.size(); block++) {
                    int end = Math.min(text.length, (block + 1) * SIZE);
                    String holds = group + Arrays.toString(Arrays.copyOf(text, end));
                    if (block < shared.depth()) {
                        assertThat(content.get(table.get(block))).isEqualTo(holds);
                    } else {
                        content.put(table.get(block), holds);
                    }
                }
            }
            sequence.computed(sequence.pending(), text.length, blocks);
            open.add(sequence);
        }
        open.forEach(sequence -> sequence.cache.free(blocks));
        assertThat(blocks.freeBlocks()).isEqualTo(pool);
        // Nothing is known but what some block holds, and what comes before that.
        for (int block = 0; block < pool; block++) {
            if (index.isHeld(block)) {
                index.drop(block);
            }
        }
        assertThat(index.size()).isZero();
    }
}
