package dev.lockstep.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.testing.Seeds;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class BlockManagerTest {

    @Seeds(300)
    void referencesCountTheTablesThatHoldABlock(long seed) {
        Random random = new Random(seed);
        int blocks = 1 + random.nextInt(24);
        int size = 1 + random.nextInt(4);
        BlockManager manager = new BlockManager(blocks, size);
        List<BlockTable> tables = new ArrayList<>();
        List<Integer> lengths = new ArrayList<>();
        for (int operation = 0; operation < 100; operation++) {
            int pick = tables.isEmpty() ? -1 : random.nextInt(tables.size());
            switch (random.nextInt(4)) {
                case 0 -> {
                    tables.add(new BlockTable());
                    lengths.add(0);
                }
                case 1 -> {
                    if (pick >= 0) {
                        lengths.set(pick, write(manager, tables.get(pick), lengths.get(pick), 1 + random.nextInt(6)));
                    }
                }
                case 2 -> {
                    if (pick >= 0) {
                        BlockTable child = new BlockTable();
                        manager.fork(tables.get(pick), child);
                        tables.add(child);
                        lengths.add(lengths.get(pick));
                    }
                }
                default -> {
                    if (pick >= 0) {
                        manager.free(tables.remove(pick));
                        lengths.remove(pick);
                    }
                }
            }
            checkCounts(manager, tables);
        }
        tables.forEach(manager::free);
        assertThat(manager.freeBlocks()).isEqualTo(blocks);
    }

    /** Grows a table as a step does: a shared partial block is replaced before it is written. */
    private static int write(BlockManager manager, BlockTable table, int length, int count) {
        boolean shared = manager.isShared(table, length);
        int needed = (shared ? 1 : 0) + manager.blocksFor(length + count) - table.size();
        if (!manager.canAllocate(needed)) {
            return length;
        }
        if (shared) {
            int before = table.last();
            assertThat(manager.unshare(table)).isNotEqualTo(before).isEqualTo(table.last());
        }
        manager.append(table, length + count);
        assertThat(manager.references(table.last())).isEqualTo(1);
        return length + count;
    }

    private static void checkCounts(BlockManager manager, List<BlockTable> tables) {
        int[] counts = new int[manager.blocks()];
        for (BlockTable table : tables) {
            Set<Integer> own = new HashSet<>();
            for (int i = 0; i < table.size(); i++) {
                counts[table.get(i)]++;
                assertThat(own.add(table.get(i)))
                        .as("a table holds a block once")
                        .isTrue();
            }
        }
        int free = 0;
        for (int block = 0; block < counts.length; block++) {
            assertThat(manager.references(block)).isEqualTo(counts[block]);
            free += counts[block] == 0 ? 1 : 0;
        }
        assertThat(manager.freeBlocks()).isEqualTo(free);
    }

    @Test
    void misuseIsAnError() {
        BlockManager manager = new BlockManager(1, 2);
        BlockTable table = new BlockTable();
        manager.append(table, 2);

        assertThatThrownBy(() -> manager.append(new BlockTable(), 1)).hasMessageContaining("all 1 blocks");
        assertThatThrownBy(() -> manager.unshare(table)).hasMessageContaining("not shared");
        BlockTable copy = new BlockTable();
        copy.add(table.last());
        manager.free(table);
        assertThatThrownBy(() -> manager.free(copy)).hasMessageContaining("freed twice");
    }
}
