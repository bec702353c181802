package dev.lockstep.backend.lowering;

import dev.lockstep.graph.RowAxis;

/**
 * Some columns of a buffer, with all its rows. Column {@code c} of the view is column
 * {@code column + (c / inner) * outer + c % inner} of the buffer.
 *
 * @param column the buffer's column of view column 0
 * @param inner contiguous columns of a run
 * @param outer distance from the start of a run to the start of the next
 * @param width columns of the view
 */
public record View(Buffer buffer, int column, int inner, int outer, int width) {
    private static final int ONE_RUN = Integer.MAX_VALUE;

    /** All columns of a buffer. */
    public static View all(Buffer buffer) {
        return new View(buffer, 0, ONE_RUN, 0, buffer.width());
    }

    /** Its row axis; null for a buffer of a single row. */
    public RowAxis rows() {
        return buffer.rows();
    }

    /** Whether its columns are contiguous. */
    public boolean isPlain() {
        return inner >= width || inner == outer;
    }

    /** Whether it is the whole buffer. */
    public boolean isWhole() {
        return isPlain() && width == buffer.width();
    }

    /** Whether each group of this many consecutive columns is contiguous. */
    public boolean runsOf(int columns) {
        return isPlain() || inner % columns == 0;
    }

    /** The column of the buffer that is this column of the view. */
    public int columnOf(int viewColumn) {
        return isPlain() ? column + viewColumn : column + viewColumn / inner * outer + viewColumn % inner;
    }

    /**
     * Some of the view's columns, without a copy.
     *
     * @param columns ascending
     * @return null if they do not form runs of equal length at equal distances
     */
    public View select(int[] columns) {
        if (columns.length == 0) {
            return new View(buffer, column, ONE_RUN, 0, 0);
        }
        if (!isPlain()) {
            return null;
        }
        int run = 1;
        while (run < columns.length && columns[run] == columns[run - 1] + 1) {
            run++;
        }
        if (run == columns.length) {
            return new View(buffer, column + columns[0], ONE_RUN, 0, columns.length);
        }
        int stride = columns[run] - columns[0];
        for (int i = 0; i < columns.length; i++) {
            if (columns.length % run != 0 || columns[i] != columns[0] + i / run * stride + i % run) {
                return null;
            }
        }
        return new View(buffer, column + columns[0], run, stride, columns.length);
    }
}
