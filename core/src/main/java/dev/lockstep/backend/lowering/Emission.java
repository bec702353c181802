package dev.lockstep.backend.lowering;

import dev.lockstep.graph.EntryPoint;
import dev.lockstep.graph.RowAxis;
import java.util.ArrayList;
import java.util.List;

/** The steps of one entry point as they are written, with their buffers. */
final class Emission {
    private final List<NamedStep> steps = new ArrayList<>();
    private final List<Buffer> buffers = new ArrayList<>();
    private String name = "";

    /** What the steps from here on are called in profiles. */
    void name(String next) {
        name = next;
    }

    /** A new buffer, all of it. */
    View fresh(RowAxis rows, int width) {
        Buffer buffer = new Buffer(rows, width);
        buffers.add(buffer);
        return View.all(buffer);
    }

    void emit(Step step) {
        steps.add(new NamedStep(step, name));
    }

    /** The view itself if its columns lie side by side, else a copy whose do. */
    View plain(View from) {
        if (from.isPlain()) {
            return from;
        }
        View to = fresh(from.rows(), from.width());
        emit(new Step.Copy(from, to));
        return to;
    }

    /** A view in which the features of each head lie side by side. */
    View headRuns(View view, int headWidth) {
        return view.runsOf(headWidth) ? view : plain(view);
    }

    /** Some columns of a view: a view where one can express them, else a copy. Null stays null. */
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
