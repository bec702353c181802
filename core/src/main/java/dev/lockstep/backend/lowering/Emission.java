package dev.lockstep.backend.lowering;

import dev.lockstep.graph.EntryPoint;
import dev.lockstep.graph.RowAxis;
import java.util.ArrayList;
import java.util.List;

/** Collects the steps of one entry point in order, with their buffers. */
final class Emission {
    private final List<NamedStep> steps = new ArrayList<>();
    private final List<Buffer> buffers = new ArrayList<>();
    private String name = "";

    /** Sets the name of the following steps in profiles. */
    void name(String next) {
        name = next;
    }

    /** A view of all columns of a new buffer. */
    View fresh(RowAxis rows, int width) {
        Buffer buffer = new Buffer(rows, width);
        buffers.add(buffer);
        return View.all(buffer);
    }

    void emit(Step step) {
        steps.add(new NamedStep(step, name));
    }

    /** The view itself if its columns are contiguous, else a contiguous copy. */
    View plain(View from) {
        if (from.isPlain()) {
            return from;
        }
        View to = fresh(from.rows(), from.width());
        emit(new Step.Copy(from, to));
        return to;
    }

    /** A view in which the features of each head are contiguous. */
    View headRuns(View view, int headWidth) {
        return view.runsOf(headWidth) ? view : plain(view);
    }

    /** Some columns of a view: as a view if they can be expressed as one, else a copy. Null for null. */
    View columns(RowAxis rows, View from, int[] columns) {
        if (from == null) {
            return null;
        }
        View source = plain(from);
        View selected = source.select(columns);
        if (selected != null) {
            return selected;
        }
        View to = fresh(rows, columns.length);
        emit(new Step.GatherColumns(columns, source, to));
        return to;
    }

    LoweredEntry finish(EntryPoint entry, List<RowAxis> axes, List<ModelOutput> outputs) {
        return new LoweredEntry(entry, axes, steps, buffers, outputs);
    }
}
