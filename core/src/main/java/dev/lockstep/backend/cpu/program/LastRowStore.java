package dev.lockstep.backend.cpu.program;

import dev.lockstep.backend.Limits;
import dev.lockstep.backend.cpu.kernel.LastRows;
import dev.lockstep.backend.cpu.memory.Memory;
import dev.lockstep.backend.lowering.CacheLayout;
import java.util.ArrayList;
import java.util.List;

/** The rows that a rank keeps of each sequence, by the blocks of the cache. */
final class LastRowStore implements AutoCloseable {
    private final List<LastRows> stores = new ArrayList<>();

    LastRowStore(CacheLayout layout, Limits limits, Memory memory) {
        for (int width : layout.lastRows()) {
            stores.add(new LastRows(limits.blocks(), limits.blockSize(), width, memory));
        }
    }

    /** Bytes that it takes for these limits. */
    static long bytes(CacheLayout layout, Limits limits) {
        long sum = 0;
        for (int width : layout.lastRows()) {
            sum += LastRows.bytes(limits.blocks(), width);
        }
        return sum;
    }

    /** As {@link CacheStore#resize}. */
    void resize(int blocks) {
        for (LastRows rows : stores) {
            rows.resize(blocks);
        }
    }

    /** The store with this number in the layout. */
    LastRows of(int store) {
        return stores.get(store);
    }

    void copyBlock(int from, int to) {
        for (LastRows rows : stores) {
            rows.copyBlock(from, to);
        }
    }

    long bytes() {
        long sum = 0;
        for (LastRows rows : stores) {
            sum += rows.bytes();
        }
        return sum;
    }

    @Override
    public void close() {
        stores.forEach(LastRows::close);
    }
}
