package dev.lockstep.backend.cpu.program;

import dev.lockstep.backend.CacheType;
import dev.lockstep.backend.Limits;
import dev.lockstep.backend.cpu.kernel.KvCache;
import dev.lockstep.backend.cpu.memory.Memory;
import dev.lockstep.backend.lowering.CacheLayout;
import java.util.ArrayList;
import java.util.List;

/** The caches of a rank's attention layers, over one pool of block ids. */
final class CacheStore implements AutoCloseable {
    private final List<KvCache> pools = new ArrayList<>();

    CacheStore(CacheLayout layout, Limits limits, CacheType type, Memory memory) {
        for (CacheLayout.Pool pool : layout.pools()) {
            pools.add(new KvCache(
                    limits.blocks(),
                    pool.heads(),
                    limits.blockSize(),
                    pool.keyWidth(),
                    pool.valueWidth(),
                    type,
                    memory));
        }
    }

    /** Bytes that the pools take for these limits. */
    static long bytes(CacheLayout layout, Limits limits, CacheType type) {
        long block = 0;
        for (CacheLayout.Pool pool : layout.pools()) {
            block += KvCache.blockBytes(pool.heads(), limits.blockSize(), pool.keyWidth(), pool.valueWidth(), type);
        }
        return block * limits.blocks();
    }

    /** Replaces all pools by pools of this many blocks; their contents are lost. */
    void resize(int blocks) {
        // All old pools are freed first: old and new together might need more memory than there is.
        pools.forEach(KvCache::close);
        for (KvCache pool : pools) {
            pool.resize(blocks);
        }
    }

    /** The pool with this number in the layout. */
    KvCache of(int pool) {
        return pools.get(pool);
    }

    void copyBlock(int from, int to) {
        for (KvCache pool : pools) {
            pool.copyBlock(from, to);
        }
    }

    long bytes() {
        long sum = 0;
        for (KvCache pool : pools) {
            sum += pool.bytes();
        }
        return sum;
    }

    @Override
    public void close() {
        pools.forEach(KvCache::close);
    }
}
