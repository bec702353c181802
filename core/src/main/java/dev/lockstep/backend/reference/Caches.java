package dev.lockstep.backend.reference;

import dev.lockstep.backend.Limits;
import dev.lockstep.backend.lowering.CacheLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Cached keys and values by block and slot, and the kept rows of sequences by position. */
final class Caches {

    /** A key and its value, all heads. */
    record Entry(float[] key, float[] value) {}

    /** A kept row and its position. */
    record Kept(int position, float[] row) {}

    private final int blockSize;
    private final List<Map<Integer, Entry>> pools = new ArrayList<>();
    /** By block: the rows of the last two steps that ended in it, so that a step can be run again. */
    private final List<Map<Integer, List<Kept>>> lastRows = new ArrayList<>();

    Caches(CacheLayout layout, int blockSize) {
        this.blockSize = blockSize;
        layout.pools().forEach(pool -> pools.add(new HashMap<>()));
        layout.lastRows().forEach(width -> lastRows.add(new HashMap<>()));
    }

    /** Bytes that the pools of these limits would take if all blocks were full. */
    static long bytes(CacheLayout layout, Limits limits) {
        long slot = 0;
        for (CacheLayout.Pool pool : layout.pools()) {
            slot += (long) pool.heads() * (pool.keyWidth() + pool.valueWidth()) * Float.BYTES;
        }
        long kept = 0;
        for (int width : layout.lastRows()) {
            kept += 2L * width * Float.BYTES;
        }
        return limits.blocks() * (slot * limits.blockSize() + kept);
    }

    int blockSize() {
        return blockSize;
    }

    void write(int pool, int slot, float[] key, float[] value) {
        pools.get(pool).put(slot, new Entry(key, value));
    }

    Entry read(int pool, int slot) {
        Entry entry = pools.get(pool).get(slot);
        if (entry == null) {
            throw new IllegalStateException("slot " + slot + " of cache " + pool + " was never written");
        }
        return entry;
    }

    void keep(int store, int block, int position, float[] row) {
        List<Kept> kept = lastRows.get(store).computeIfAbsent(block, any -> new ArrayList<>());
        kept.removeIf(other -> other.position() == position);
        kept.add(new Kept(position, row));
        if (kept.size() > 2) {
            kept.remove(0);
        }
    }

    float[] kept(int store, int block, int position) {
        for (Kept kept : lastRows.get(store).getOrDefault(block, List.of())) {
            if (kept.position() == position) {
                return kept.row();
            }
        }
        throw new IllegalStateException("block " + block + " keeps no row of position " + position);
    }

    void copyBlock(int from, int to) {
        for (Map<Integer, Entry> pool : pools) {
            for (int i = 0; i < blockSize; i++) {
                Entry entry = pool.get(from * blockSize + i);
                if (entry != null) {
                    pool.put(to * blockSize + i, entry);
                }
            }
        }
        for (Map<Integer, List<Kept>> store : lastRows) {
            store.put(to, new ArrayList<>(store.getOrDefault(from, List.of())));
        }
    }

    void clear() {
        pools.forEach(Map::clear);
        lastRows.forEach(Map::clear);
    }
}
