package dev.lockstep.checkpoint;

import java.nio.FloatBuffer;
import java.util.Arrays;

/**
 * Writes a window's elements to their targets. The innermost loop runs along an axis that is dense in the target, where
 * there is one: straight copies if it is dense in the window too, else (a transposition) its lines are gathered into
 * rows first.
 */
final class WindowScatter {
    /** Floats of a cache line. */
    private static final int TILE = 16;

    /** Grown to what was gathered, hardly more than a window; most runs are copied as they are and need none. */
    private float[] rows = new float[0];

    private float[] window;
    private FloatBuffer target;
    private Axis[] outer;
    private Axis run;

    /**
     * Writes the cross product of entries {@code from} to {@code to} of the axis at {@code level} and all axes inside
     * it, whose sources start at 0; the window starts at the element of entry {@code from}.
     *
     * @param position what the axes' targets are counted from
     */
    void put(float[] window, Axis[] axes, int level, int from, int to, FloatBuffer target, int position) {
        this.window = window;
        this.target = target;
        outer = Arrays.copyOfRange(axes, level, axes.length);
        outer[0] = axes[level].slice(from, to);
        int origin = -(int) axes[level].source(from);
        int chosen = runAxis();
        run = outer[chosen];
        System.arraycopy(outer, chosen + 1, outer, chosen, outer.length - chosen - 1);
        outer = Arrays.copyOf(outer, outer.length - 1);
        put(0, origin, position);
    }

    /** The axis that is dense in the target, else the one of the narrowest stride. */
    private int runAxis() {
        for (int i = outer.length - 1; i >= 0; i--) {
            if (outer[i].count() > 1 && outer[i].isDense()) {
                return i;
            }
        }
        return outer.length - 1;
    }

    private void put(int level, int source, int position) {
        if (level == outer.length) {
            putRun(source, position);
            return;
        }
        Axis axis = outer[level];
        if (level == outer.length - 1 && axis.isEven() && axis.sourceStep() == 1 && run.isDense()) {
            putTransposed(axis, source, position);
            return;
        }
        for (int i = 0; i < axis.count(); i++) {
            put(level + 1, source + (int) axis.source(i), position + axis.target(i));
        }
    }

    /**
     * Runs along {@code run} for each entry of {@code across}, which is dense in the window: a cache line of it at a
     * time, so that each line is loaded once, although the lines of a run often share a set of the cache.
     */
    private void putTransposed(Axis across, int source, int position) {
        int count = run.count();
        // Not a power of two, for the same reason.
        int pitch = count + TILE;
        reserve(Math.min(TILE, across.count()) * pitch);
        for (int from = 0; from < across.count(); from += TILE) {
            int width = Math.min(TILE, across.count() - from);
            int start = source + (int) across.source(from);
            for (int i = 0; i < count; i++) {
                int line = start + (int) run.source(i);
                for (int j = 0; j < width; j++) {
                    rows[j * pitch + i] = window[line + j];
                }
            }
            for (int j = 0; j < width; j++) {
                target.put(position + across.target(from + j) + run.target(0), rows, j * pitch, count);
            }
        }
    }

    private void putRun(int source, int to) {
        int count = run.count();
        if (!run.isDense()) {
            for (int i = 0; i < count; i++) {
                target.put(to + run.target(i), window[source + (int) run.source(i)]);
            }
        } else if (run.isEven() && run.sourceStep() == 1) {
            target.put(to + run.target(0), window, source + (int) run.source(0), count);
        } else {
            reserve(count);
            for (int i = 0; i < count; i++) {
                rows[i] = window[source + (int) run.source(i)];
            }
            target.put(to + run.target(0), rows, 0, count);
        }
    }

    private void reserve(int floats) {
        if (rows.length < floats) {
            rows = new float[floats];
        }
    }
}
