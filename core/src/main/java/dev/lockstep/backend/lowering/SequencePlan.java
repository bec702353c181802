package dev.lockstep.backend.lowering;

import dev.lockstep.graph.SequenceBody;
import java.util.Arrays;

/**
 * The memory layout of the matrices of a {@link SequenceBody} for one sequence, by lifetime. Each thread has its own
 * object. It is fitted to one sequence after another and does not allocate while doing so.
 */
public final class SequencePlan {
    private final SequenceBody body;
    private final int[] lastUse;
    private final long[] offsets;
    private final long[] floats;
    private int sequenceRows;
    private long total;

    public SequencePlan(SequenceBody body) {
        this.body = body;
        int count = body.values().size();
        this.lastUse = new int[count];
        this.offsets = new long[count];
        this.floats = new long[count];
        Arrays.setAll(lastUse, value -> value);
        for (int value = 0; value < count; value++) {
            for (int used : SequenceBody.uses(body.values().get(value))) {
                lastUse[used] = value;
            }
        }
        lastUse[count - 1] = count;
    }

    /** Lays out a sequence of this many rows. */
    public void fit(int rows) {
        sequenceRows = rows;
        total = 0;
        for (int value = 0; value < offsets.length; value++) {
            floats[value] = (long) rows(value) * columns(value);
            offsets[value] = lowestFree(value);
            total = Math.max(total, offsets[value] + floats[value]);
        }
    }

    private long lowestFree(int value) {
        long offset = 0;
        boolean moved = true;
        while (moved) {
            moved = false;
            for (int other = 0; other < value; other++) {
                boolean overlaps = offset < offsets[other] + floats[other] && offsets[other] < offset + floats[value];
                if (lastUse[other] >= value && overlaps) {
                    offset = offsets[other] + floats[other];
                    moved = true;
                }
            }
        }
        return offset;
    }

    /** Floats that the sequence needs. */
    public long floats() {
        return total;
    }

    /** Offset of a value, in floats. */
    public int offset(int value) {
        return Math.toIntExact(offsets[value]);
    }

    /** Rows of a value for the sequence. */
    public int rows(int value) {
        int rows = body.rows(value);
        return rows == SequenceBody.ROWS ? sequenceRows : rows;
    }

    /** Columns of a value for the sequence. */
    public int columns(int value) {
        int columns = body.columns(value);
        return columns == SequenceBody.ROWS ? sequenceRows : columns;
    }
}
