package dev.lockstep.backend.lowering;

import dev.lockstep.backend.Limits;
import dev.lockstep.graph.RowAxis;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;

/**
 * Places buffers in memory by lifetime: buffers that are not alive at the same time may overlap. Buffers are placed
 * largest first, each at the lowest offset where it does not overlap another one that is alive at the same time. Memory
 * is divided into slabs; no buffer crosses a slab boundary.
 */
public final class ArenaPlan {
    /** Offsets are multiples of this many floats, so that row 0 of every buffer starts a cache line. */
    private static final int ALIGNMENT = 16;

    /** The place of a buffer: its slab and its offset in floats from the start of that slab. */
    public record Place(int slab, int offset, int floats) {}

    private final Lifetimes lifetimes;
    private final ToIntFunction<RowAxis> capacity;
    private final long slabBytes;
    private final Map<Buffer, Place> places = new IdentityHashMap<>();
    private final List<Integer> slabFloats = new ArrayList<>();

    private ArenaPlan(Lifetimes lifetimes, ToIntFunction<RowAxis> capacity, long slabBytes) {
        this.lifetimes = lifetimes;
        this.capacity = capacity;
        this.slabBytes = slabBytes;
    }

    /**
     * Places those of the buffers that are used at all.
     *
     * @param capacity rows that a buffer with this axis must hold
     * @param slabBytes the most bytes of a slab
     * @throws IllegalArgumentException when a single buffer is larger than a slab; the message names the limit to lower
     */
    public static ArenaPlan of(
            List<Buffer> buffers, Lifetimes lifetimes, ToIntFunction<RowAxis> capacity, long slabBytes) {
        ArenaPlan plan = new ArenaPlan(lifetimes, capacity, slabBytes);
        List<Buffer> bySize = new ArrayList<>(buffers);
        bySize.removeIf(buffer -> lifetimes.of(buffer) == null);
        bySize.sort(Comparator.comparingLong((Buffer buffer) -> -plan.floats(buffer)));
        bySize.forEach(plan::add);
        return plan;
    }

    /** Rows that a buffer with this axis must hold for the largest step. */
    public static int capacity(RowAxis rows, Limits limits) {
        return switch (rows.kind()) {
            // A sequence has at most as many blocks as rows.
            case CARRIED, BLOCKS -> limits.maxTokens();
            case OUTPUTS -> limits.maxOutputRows();
            case FIRST -> limits.maxSequences();
            case DISTANCES -> 2 * limits.maxTokens() - 1;
            case FIXED -> rows.size();
        };
    }

    private long floats(Buffer buffer) {
        long rows = buffer.rows() == null ? 1 : capacity.applyAsInt(buffer.rows());
        long exact = rows * buffer.width();
        return (exact + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }

    private void add(Buffer buffer) {
        long floats = floats(buffer);
        long mostFloats = slabBytes / Float.BYTES;
        if (floats > mostFloats) {
            throw new IllegalArgumentException(
                    "a value of " + buffer.width() + " features needs " + floats * Float.BYTES
                            + " bytes for " + buffer.rows() + " rows of a step, at most " + slabBytes
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
        Lifetimes.Lifetime lifetime = lifetimes.of(buffer);
        List<Place> taken = new ArrayList<>();
        for (Map.Entry<Buffer, Place> entry : places.entrySet()) {
            if (entry.getValue().slab() == slab && lifetimes.of(entry.getKey()).overlaps(lifetime)) {
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

    /** The place of a buffer; null if it is never used. */
    public Place place(Buffer buffer) {
        return places.get(buffer);
    }

    /** Floats of each slab. */
    public List<Integer> slabFloats() {
        return slabFloats;
    }
}
