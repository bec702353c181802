package dev.lockstep.backend.lowering;

import java.util.Arrays;

/** Numbers that a row's position alone tells, computed once: grows by doubling as positions come. */
public final class PositionTable {
    private static final int FIRST_POSITIONS = 512;

    /** What a position's row holds. */
    @FunctionalInterface
    public interface Row {
        void fill(int position, float[] row);
    }

    private final int width;
    private final Row row;
    private float[] values = new float[0];
    private int positions;

    /** @param width numbers of a position */
    public PositionTable(int width, Row row) {
        this.width = width;
        this.row = row;
    }

    /** Makes sure that a position is there. */
    public void reach(int highest) {
        if (highest >= positions) {
            grow(Math.max(Math.max(FIRST_POSITIONS, highest + 1), 2 * positions));
        }
    }

    private void grow(int newPositions) {
        values = Arrays.copyOf(values, Math.multiplyExact(newPositions, width));
        float[] one = new float[width];
        for (int position = positions; position < newPositions; position++) {
            row.fill(position, one);
            System.arraycopy(one, 0, values, position * width, width);
        }
        positions = newPositions;
    }

    /** Rows of all positions reached, one after the other. */
    public float[] values() {
        return values;
    }
}
