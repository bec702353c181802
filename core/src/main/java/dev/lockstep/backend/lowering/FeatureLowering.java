package dev.lockstep.backend.lowering;

import dev.lockstep.graph.Node;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Lowers ops that move features: selected parts become views, and concatenated parts are written directly to their
 * places.
 */
final class FeatureLowering {
    private final LoweredValues values;
    private final Emission code;

    FeatureLowering(LoweredValues values) {
        this.values = values;
        this.code = values.code();
    }

    void select(Node node, Op.Select select) {
        int[] columns = selectedColumns(node, select);
        PartialValue in = values.value(node.input(0));
        values.put(
                node,
                new PartialValue(
                        code.columns(node.output().rows(), in.replicated(), columns),
                        code.columns(node.output().rows(), in.partial(), columns)));
    }

    /** The positions of the selected indices among those that the rank holds of the whole. */
    private int[] selectedColumns(Node node, Op.Select select) {
        int[] wanted = values.local(node.output().dim());
        // Uses the producer's own dimension: if a sum is cut inside a head, a rank holds more than the view's share.
        int[] held = values.local(node.input(0).producer().output().dim());
        int[] columns = new int[wanted.length];
        int partSize = select.part() * select.minor();
        for (int i = 0; i < wanted.length; i++) {
            int major = wanted[i] / partSize;
            int source = (major * select.whole() + select.offset()) * select.minor() + wanted[i] % partSize;
            columns[i] = place(node, held, source);
        }
        return columns;
    }

    void concat(Node node, Op.Concat concat) {
        View out = values.fresh(node.output());
        int[] held = values.local(node.output().dim());
        int whole = concat.parts().stream().mapToInt(Integer::intValue).sum();
        int offset = 0;
        for (int i = 0; i < node.inputs().size(); i++) {
            Value input = node.input(i);
            int part = concat.parts().get(i);
            int[] own = values.local(input.dim());
            int[] columns = new int[own.length];
            for (int c = 0; c < columns.length; c++) {
                columns[c] = place(node, held, own[c] / part * whole + offset + own[c] % part);
            }
            write(values.complete(input), columns, out);
            offset += part;
        }
        values.putComplete(node, out);
    }

    /** The rank's share of the features of neighbouring rows, taken from rows that it holds whole. */
    void neighbours(Node node, Op.Neighbours neighbours) {
        View in = code.plain(values.complete(node.input(0)));
        View out = values.fresh(node.output());
        int width = node.input(0).width();
        int[] held = values.local(node.output().dim());
        int[] places = new int[held.length];
        int[] columns = new int[held.length];
        for (int c = 0; c < held.length; c++) {
            places[c] = neighbours.places().get(held[c] / width);
            columns[c] = held[c] % width;
        }
        code.emit(new Step.Neighbours(places, columns, in, out));
        values.putComplete(node, out);
    }

    void perSequence(Node node, Op.PerSequence op) {
        View out = values.fresh(node.output());
        List<View> inputs = new ArrayList<>();
        for (Value input : node.inputs()) {
            inputs.add(code.plain(values.complete(input)));
        }
        code.emit(
                out.width() == 0
                        ? new Step.Nothing(out)
                        : new Step.PerSequence(
                                op.body(), out.width() / op.body().width(), inputs, out));
        values.putComplete(node, out);
    }

    private void write(View from, int[] columns, View out) {
        View view = out.select(columns);
        if (view == null) {
            code.emit(new Step.ScatterColumns(columns, from, out));
            return;
        }
        code.emit(new Step.Copy(from, view));
    }

    private int place(Node node, int[] held, int feature) {
        int place = Arrays.binarySearch(held, feature);
        if (place < 0) {
            throw new IllegalStateException(
                    node + " needs feature " + feature + " that rank " + values.rank() + " lacks");
        }
        return place;
    }
}
