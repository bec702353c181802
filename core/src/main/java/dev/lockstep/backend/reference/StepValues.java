package dev.lockstep.backend.reference;

import dev.lockstep.backend.lowering.Buffer;
import dev.lockstep.backend.lowering.StepAxes;
import dev.lockstep.backend.lowering.View;
import java.util.IdentityHashMap;
import java.util.Map;

/** The buffers of one step. */
final class StepValues {
    private final StepAxes axes;
    private final Map<Buffer, float[]> buffers = new IdentityHashMap<>();

    StepValues(StepAxes axes) {
        this.axes = axes;
    }

    StepAxes axes() {
        return axes;
    }

    /** The number of rows in this step. */
    int rows(View view) {
        return axes.count(view.rows());
    }

    private float[] buffer(View view) {
        Buffer buffer = view.buffer();
        return buffers.computeIfAbsent(buffer, any -> new float[rows(view) * buffer.width()]);
    }

    float get(View view, int row, int column) {
        return buffer(view)[row * view.buffer().width() + view.columnOf(column)];
    }

    void set(View view, int row, int column, float value) {
        buffer(view)[row * view.buffer().width() + view.columnOf(column)] = value;
    }

    /** A copy of a row, [width]. */
    float[] row(View view, int row) {
        float[] values = new float[view.width()];
        for (int column = 0; column < values.length; column++) {
            values[column] = get(view, row, column);
        }
        return values;
    }

    /** Overwrites a row's first columns. */
    void put(View view, int row, float[] values) {
        for (int column = 0; column < values.length; column++) {
            set(view, row, column, values[column]);
        }
    }
}
