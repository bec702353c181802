package dev.lockstep.backend.cpu.program;

import dev.lockstep.backend.cpu.memory.Slab;
import dev.lockstep.backend.lowering.ArenaPlan;
import dev.lockstep.backend.lowering.Buffer;
import dev.lockstep.backend.lowering.Lifetimes;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Memory for values that live within one run of tiles. It has rows for the tiles of all workers, not for a whole step.
 * A worker's tile is contiguous, so that it stays in its core's cache. Steps too small for tiles use the same memory
 * for whole values.
 */
final class TileScratch {
    private final Buffer buffer;
    private final int workers;
    private final int floats;
    private final Map<Buffer, Integer> offsets = new IdentityHashMap<>();

    /** @param lifetimes in steps of the run */
    TileScratch(List<Buffer> values, Lifetimes lifetimes, TileSize size) {
        this.workers = size.workers();
        ArenaPlan plan = ArenaPlan.of(values, lifetimes, any -> size.rows(), Slab.MAX_BYTES);
        for (Buffer value : values) {
            offsets.put(value, plan.place(value).offset());
        }
        this.floats = plan.slabFloats().stream().mapToInt(Integer::intValue).sum();
        this.buffer = new Buffer(null, Math.multiplyExact(workers, floats));
    }

    /** The scratch memory itself, as one row of the arena. */
    Buffer buffer() {
        return buffer;
    }

    /** Points an operand of one of the values to its place, for whole values and for tiles. */
    void place(Operand operand, Slab slab, int start) {
        int offset = offsets.get(operand.view().buffer());
        operand.place(slab, start + workers * offset);
        operand.placeTiles(slab, start + offset, floats, workers);
    }
}
