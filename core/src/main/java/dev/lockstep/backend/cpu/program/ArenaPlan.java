package dev.lockstep.backend.cpu.program;

import dev.lockstep.backend.Limits;
import dev.lockstep.backend.cpu.memory.Slab;
import dev.lockstep.graph.RowAxis;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;

/**
 * Places buffers by liveness: two that live at different times may share memory. The largest are placed first, each at
 * the lowest offset where it meets no other. Memory is laid out in slabs that no buffer straddles.
 */
final class ArenaPlan {
    /** Floats between buffers, so that every row 0 starts a cache line. */
    private static final int ALIGNMENT = 16;

    /** Where a buffer lies: offset in floats from the start of a slab. */
    record Place(int slab, int offset, int floats) {}

    private final Map<Buffer, Place> places = new IdentityHashMap<>();
    private final List<Integer> slabFloats = new ArrayList<>();

    /** @throws IllegalArgumentException when one buffer alone is larger than a slab, naming the limit to lower */
    static ArenaPlan of(List<Buffer> buffers, Limits limits) {
        return of(buffers, rows -> capacity(rows, limits));
    }

    /**
     * As above.
     *
     * @param capacity rows that a buffer of an axis must hold
     */
    static ArenaPlan of(List<Buffer> buffers, ToIntFunction<RowAxis> capacity) {
        ArenaPlan plan = new ArenaPlan();
        List<Buffer> bySize = new ArrayList<>(buffers);
        bySize.removeIf(buffer -> buffer.first() < 0);
        bySize.sort(Comparator.comparingLong((Buffer buffer) -> -floats(buffer, capacity)));
        for (Buffer buffer : bySize) {
            plan.place(buffer, floats(buffer, capacity));
        }
        return plan;
    }

    /** Rows a buffer of this axis must hold. */
    static int capacity(RowAxis rows, Limits limits) {
        switch (rows.picked()) {
            case ALL:
                return limits.maxTokens();
            case OUTPUTS:
                return limits.maxOutputRows();
            default:
                return limits.maxSequences();
        }
    }

    private static long floats(Buffer buffer, ToIntFunction<RowAxis> capacity) {
        long rows = buffer.rows() == null ? 1 : capacity.applyAsInt(buffer.rows());
        long exact = rows * buffer.width();
        return (exact + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }

    private void place(Buffer buffer, long floats) {
        long mostFloats = Slab.MAX_BYTES / Float.BYTES;
        if (floats > mostFloats) {
            throw new IllegalArgumentException(
                    "a value of " + buffer.width() + " features needs " + floats * Float.BYTES
                            + " bytes for " + buffer.rows() + " rows of a step, at most " + Slab.MAX_BYTES
                            + " are possible: lower spark.lockstep.maxBatchTokens");
        }
        for (int slab = 0; slab < slabFloats.size(); slab++) {
            long offset = lowestFree(buffer, slab, floats);
            if (offset + floats <= mostFloats) {
                put(buffer, slab, (int) offset, (int) floats);
                return;
            }
        }
        slabFloats.add(0);
        put(buffer, slabFloats.size() - 1, 0, (int) floats);
    }

    private void put(Buffer buffer, int slab, int offset, int floats) {
        places.put(buffer, new Place(slab, offset, floats));
        slabFloats.set(slab, Math.max(slabFloats.get(slab), offset + floats));
    }

    private long lowestFree(Buffer buffer, int slab, long floats) {
        List<Place> taken = new ArrayList<>();
        for (Map.Entry<Buffer, Place> entry : places.entrySet()) {
            Buffer other = entry.getKey();
            boolean together = other.first() <= buffer.last() && buffer.first() <= other.last();
            if (together && entry.getValue().slab() == slab) {
                taken.add(entry.getValue());
            }
        }
        taken.sort(Comparator.comparingInt(Place::offset));
        long offset = 0;
        for (Place place : taken) {
            if (offset + floats <= place.offset()) {
                break;
            }
            offset = Math.max(offset, (long) place.offset() + place.floats());
        }
        return offset;
    }

    Place place(Buffer buffer) {
        return places.get(buffer);
    }

    List<Integer> slabFloats() {
        return slabFloats;
    }

    long bytes() {
        long sum = 0;
        for (int floats : slabFloats) {
            sum += (long) floats * Float.BYTES;
        }
        return sum;
    }
}
