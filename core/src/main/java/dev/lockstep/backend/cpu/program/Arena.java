package dev.lockstep.backend.cpu.program;

import dev.lockstep.backend.Limits;
import dev.lockstep.backend.cpu.memory.Memory;
import dev.lockstep.backend.cpu.memory.Slab;
import dev.lockstep.backend.lowering.ArenaPlan;
import dev.lockstep.backend.lowering.Buffer;
import java.util.ArrayList;
import java.util.List;

/** The memory of all activations of a program. Entry points run one at a time, so they share it. */
final class Arena implements AutoCloseable {
    private final List<Slab> slabs = new ArrayList<>();

    /** Allocates the memory that the largest entry point needs and points every operand into it. */
    static Arena of(List<BoundEntry> entries, Limits limits, int workers, Memory memory) {
        Arena arena = new Arena();
        List<ArenaPlan> plans = new ArrayList<>();
        for (BoundEntry entry : entries) {
            plans.add(entry.tiled().plan(limits));
        }
        for (long floats : largest(plans)) {
            arena.slabs.add(memory.floats(floats, "activations"));
        }
        for (int i = 0; i < plans.size(); i++) {
            for (Operand operand : entries.get(i).operands()) {
                arena.place(operand, entries.get(i).tiled(), plans.get(i), workers);
            }
        }
        return arena;
    }

    private void place(Operand operand, TiledEntry entry, ArenaPlan plan, int workers) {
        Buffer buffer = operand.view().buffer();
        TileScratch scratch = entry.scratchOf().get(buffer);
        ArenaPlan.Place place = plan.place(scratch == null ? buffer : scratch.buffer());
        if (place == null) {
            return; // of a buffer that nothing touches
        }
        if (scratch == null) {
            operand.place(slabs.get(place.slab()), place.offset());
            operand.placeTiles(workers);
        } else {
            scratch.place(operand, slabs.get(place.slab()), place.offset());
        }
    }

    /** Bytes that {@link #of} would allocate. */
    static long bytes(List<TiledEntry> entries, Limits limits) {
        List<ArenaPlan> plans = new ArrayList<>();
        for (TiledEntry entry : entries) {
            plans.add(entry.plan(limits));
        }
        long sum = 0;
        for (long floats : largest(plans)) {
            sum += floats * Float.BYTES;
        }
        return sum;
    }

    private static List<Long> largest(List<ArenaPlan> plans) {
        List<Long> floats = new ArrayList<>();
        for (ArenaPlan plan : plans) {
            for (int slab = 0; slab < plan.slabFloats().size(); slab++) {
                long needed = plan.slabFloats().get(slab);
                if (slab < floats.size()) {
                    floats.set(slab, Math.max(floats.get(slab), needed));
                } else {
                    floats.add(needed);
                }
            }
        }
        return floats;
    }

    long bytes() {
        long sum = 0;
        for (Slab slab : slabs) {
            sum += slab.byteSize();
        }
        return sum;
    }

    @Override
    public void close() {
        slabs.forEach(Slab::close);
    }
}
