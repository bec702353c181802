package dev.lockstep.backend.lowering;

import java.util.Arrays;

/** A table of numbers that depend on a row's position only. It grows by doubling as higher positions occur. */
public final class PositionTable {
    private static final int FIRST_POSITIONS = 512;

    /** Computes the row of a position. */
    @FunctionalInterface
    public interface Row {
        void fill(int position, float[] row);
    }

    private final int width;
    private final Row row;
    private float[] values = new float[0];
    private int positions;

    /** @param width numbers per position */
    public PositionTable(int width, Row row) {
        this.width = width;
        this.row = row;
    }

    /** Makes sure that the table contains this position. */
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

    /** The rows of all positions computed so far, one after another. */
    public float[] values() {
        return values;
    }
}
