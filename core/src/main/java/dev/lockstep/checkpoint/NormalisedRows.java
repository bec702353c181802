package dev.lockstep.checkpoint;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;

/** Divides whole rows by their L2 norms and puts the picked columns of them where they belong. */
final class NormalisedRows {
    /** Whole rows are held in memory: this many elements at a time, or one row. */
    private static final int MOST_ELEMENTS = 1 << 20;

    private final float[] rows;
    private final float[] row;
    private final int width;
    private final double epsilon;
    private final double scale;
    private final double shift;

    /** @param rows whole rows of {@code width} elements, in the order of the box that {@link #put} gets */
    NormalisedRows(float[] rows, int width, double epsilon, double scale, double shift) {
        this.rows = rows;
        this.width = width;
        row = new float[width];
        this.epsilon = epsilon;
        this.scale = scale;
        this.shift = shift;
    }

    /** Cuts a box so that the whole rows of each part stay small. */
    static List<Box> parts(Box box, int width) {
        List<Box> parts = new ArrayList<>();
        cut(box, width, parts);
        return parts;
    }

    private static void cut(Box box, int width, List<Box> parts) {
        int last = box.axes().length - 1;
        long rows = 1;
        int longest = 0;
        for (int axis = 0; axis < last; axis++) {
            rows *= box.axes()[axis].count();
            longest = box.axes()[axis].count() > box.axes()[longest].count() ? axis : longest;
        }
        Axis axis = box.axes()[longest];
        if (last == 0 || axis.count() < 2 || rows * width <= MOST_ELEMENTS) {
            parts.add(box);
            return;
        }
        // Rows inside the longest axis, so that parts are as large as allowed.
        int step = (int) Math.max(1, MOST_ELEMENTS / Math.max(1, rows / axis.count() * width));
        for (int from = 0; from < axis.count(); from += step) {
            cut(box.with(longest, axis.slice(from, Math.min(axis.count(), from + step))), width, parts);
        }
    }

    /** Normalises and puts all rows, with positions counted from {@code origin}. */
    void put(Box box, FloatBuffer target, int origin) {
        int next = put(box, 0, 0, target, origin + box.base());
        if (next * width != rows.length) {
            throw new IllegalStateException("rows of " + width + " in a box of " + rows.length + " elements");
        }
    }

    private int put(Box box, int axis, int row, FloatBuffer target, int position) {
        Axis entries = box.axes()[axis];
        if (axis == box.axes().length - 1) {
            putRow(entries, row * width, target, position);
            return row + 1;
        }
        int next = row;
        for (int i = 0; i < entries.count(); i++) {
            next = put(box, axis + 1, next, target, position + entries.target(i));
        }
        return next;
    }

    private void putRow(Axis columns, int start, FloatBuffer target, int position) {
        double norm = Math.max(Math.sqrt(squares(start)), epsilon);
        int count = columns.count();
        for (int i = 0; i < count; i++) {
            double value = rows[start + (int) columns.source(i)] / norm;
            row[i] = (float) (scale * value + shift);
        }
        if (columns.isDense()) {
            target.put(position + columns.target(0), row, 0, count);
        } else {
            for (int i = 0; i < count; i++) {
                target.put(position + columns.target(i), row[i]);
            }
        }
    }

    /** Four sums at a time: one alone would wait for each addition. */
    private double squares(int start) {
        double a = 0;
        double b = 0;
        double c = 0;
        double d = 0;
        int i = start;
        for (; i + 3 < start + width; i += 4) {
            a += (double) rows[i] * rows[i];
            b += (double) rows[i + 1] * rows[i + 1];
            c += (double) rows[i + 2] * rows[i + 2];
            d += (double) rows[i + 3] * rows[i + 3];
        }
        for (; i < start + width; i++) {
            a += (double) rows[i] * rows[i];
        }
        return a + b + (c + d);
    }
}
