package dev.lockstep.backend.cpu.program;

import dev.lockstep.backend.Limits;
import dev.lockstep.backend.cpu.memory.Slab;
import java.util.ArrayList;
import java.util.List;

/** The memory of all activations of a program's steps. Entry points run one at a time, so they share it. */
final class Arena implements AutoCloseable {
    private final List<Slab> slabs = new ArrayList<>();

    /** Allocates what the largest of the entry points needs and points every operand into it. */
    static Arena of(List<Lowered> entries, Limits limits) {
        Arena arena = new Arena();
        List<ArenaPlan> plans = new ArrayList<>();
        for (Lowered entry : entries) {
            plans.add(ArenaPlan.of(entry.buffers(), limits));
        }
        for (long floats : largest(plans)) {
            arena.slabs.add(Slab.floats(floats, "activations"));
        }
        for (int i = 0; i < plans.size(); i++) {
            for (Operand operand : entries.get(i).operands()) {
                ArenaPlan.Place place = plans.get(i).place(operand.buffer());
                if (place != null) {
                    operand.place(arena.slabs.get(place.slab()), place.offset());
                }
            }
        }
        return arena;
    }

    /** Bytes that {@link #of} would allocate. */
    static long bytes(List<Lowered> entries, Limits limits) {
        List<ArenaPlan> plans = new ArrayList<>();
        for (Lowered entry : entries) {
            plans.add(ArenaPlan.of(entry.buffers(), limits));
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
