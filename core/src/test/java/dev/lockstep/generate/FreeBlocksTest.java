package dev.lockstep.generate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.testing.Seeds;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FreeBlocksTest {

    @Seeds(200)
    void everyBlockIsTakenOnceAndComesBack(long seed) {
        Random random = new Random(seed);
        int blocks = 1 + (random.nextInt(8) == 0 ? random.nextInt(3) : random.nextInt(400));
        FreeBlocks free = new FreeBlocks(blocks);
        BitSet taken = new BitSet();
        List<Integer> held = new ArrayList<>();
        for (int operation = 0; operation < 1000; operation++) {
            if (free.size() > 0 && (held.isEmpty() || random.nextInt(5) < 3)) {
                boolean goesOn = !held.isEmpty() && random.nextBoolean();
                int before = goesOn ? held.get(random.nextInt(held.size())) : -1;
                boolean neighbour = before >= 0 && before + 1 < blocks && !taken.get(before + 1);
                int block = free.take(before);
                assertThat(block).isBetween(0, blocks - 1);
                assertThat(taken.get(block)).isFalse();
                assertThat(block == before + 1 || !neighbour).isTrue();
                taken.set(block);
                held.add(block);
            } else {
                int block = held.remove(random.nextInt(held.size()));
                taken.clear(block);
                free.add(block);
            }
            assertThat(free.size()).isEqualTo(blocks - taken.cardinality());
        }
    }

    @Test
    void blocksOfTablesThatGrowSideBySideFollowEachOther() {
        FreeBlocks free = new FreeBlocks(1024);
        int run = free.runEnd(0);
        int[] last = new int[40];
        for (int length = 0; length < run; length++) {
            for (int table = 0; table < last.length; table++) {
                int block = free.take(length == 0 ? -1 : last[table]);
                assertThat(length == 0 || block == last[table] + 1).isTrue();
                last[table] = block;
            }
        }
        assertThat(run).isGreaterThan(4);
    }

    @Test
    void aTableBeginsInAPartOfARunWhereNoneIsWhole() {
        FreeBlocks free = new FreeBlocks(128);
        for (int i = 0; i < 64; i++) {
            free.take(-1);
        }
        assertThat(free.size()).isEqualTo(64);
        for (int i = 0; i < 64; i++) {
            free.take(-1);
        }
        assertThat(free.size()).isZero();
    }

    @Test
    void neighboursOfTheOldestKnownBlockAreGivenUpWithIt() {
        int size = 2;
        int count = 256;
        PrefixIndex index = new PrefixIndex(count, size, 1);
        BlockManager manager = new BlockManager(count, size, index);
        List<BlockTable> tables = new ArrayList<>();
        for (int text = 0; text < count / 4; text++) {
            BlockTable table = new BlockTable();
            manager.append(table, 4 * size);
            Prefix at = index.enter(index.empty());
            for (int block = 0; block < 4; block++) {
                at = index.advance(at, new int[] {text, block}, 0);
                index.hold(at, 0, table.get(block));
            }
            index.leave(at);
            tables.add(table);
        }
        assertThat(index.size()).isEqualTo(count);
        tables.forEach(manager::free);
        assertThat(manager.freeBlocks()).isEqualTo(count);
        BlockTable next = new BlockTable();
        manager.append(next, 4 * size);
        for (int block = 1; block < 4; block++) {
            assertThat(next.get(block)).isEqualTo(next.get(0) + block);
        }
        assertThat(index.size()).isEqualTo(count - 4);
        assertThat(manager.freeBlocks()).isEqualTo(count - 4);
        // The text that was given back first is the one that is gone.
        assertThat(index.find(index.empty(), new int[] {0, 0}, 0)).isNull();
        assertThat(index.find(index.empty(), new int[] {1, 0}, 0)).isNotNull();
    }
}
