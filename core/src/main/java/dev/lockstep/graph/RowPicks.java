package dev.lockstep.graph;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Moves the picking of output rows as early in the graph as possible. A row-by-row computation whose results are used
 * only for picked rows is done for those rows only, from right after the point where the last layer's attention has
 * written its cache.
 */
final class RowPicks {
    private final Graph graph;
    private final BitSet narrowed = new BitSet();
    private final List<Node> rebuilt = new ArrayList<>();
    private final Map<Integer, Value> whole = new HashMap<>();
    private final Map<Integer, Value> picked = new HashMap<>();

    private RowPicks(Graph graph) {
        this.graph = graph;
    }

    static Graph hoist(Graph graph) {
        boolean picks = graph.nodes().stream().anyMatch(RowPicks::isPick);
        return picks ? new RowPicks(graph).rebuild() : graph;
    }

    private static boolean isPick(Node node) {
        return node.op() instanceof Op.PickRows pick && pick.which() == RowAxis.Kind.OUTPUTS;
    }

    /**
     * A node is narrowed to the picked rows if all its uses are narrow. Uses by picks are; uses as a whole output are
     * not.
     */
    private void findNarrowed() {
        int[] uses = new int[graph.nodes().size()];
        int[] narrowUses = new int[uses.length];
        for (Value output : graph.outputs().values()) {
            uses[output.producer().id()]++;
        }
        for (Node node : graph.nodes()) {
            for (Value input : node.inputs()) {
                uses[input.producer().id()]++;
            }
        }
        for (int id = uses.length - 1; id >= 0; id--) {
            Node node = graph.nodes().get(id);
            boolean narrow = uses[id] > 0
                    && uses[id] == narrowUses[id]
                    && node.op().traits().rows() == OpTraits.Rows.EACH;
            if (narrow) {
                narrowed.set(id);
            }
            if (narrow || isPick(node)) {
                for (Value input : node.inputs()) {
                    narrowUses[input.producer().id()]++;
                }
            }
        }
    }

    private Graph rebuild() {
        findNarrowed();
        for (Node node : graph.nodes()) {
            if (isPick(node)) {
                picked.put(node.id(), pickedInput(node.input(0)));
            } else if (narrowed.get(node.id())) {
                picked.put(
                        node.id(),
                        copy(
                                node,
                                node.inputs().stream().map(this::pickedInput).toList(),
                                node.output().rows().pick(RowAxis.Kind.OUTPUTS)));
            } else {
                whole.put(
                        node.id(),
                        copy(
                                node,
                                node.inputs().stream().map(this::input).toList(),
                                node.output().rows()));
            }
        }
        Map<String, Value> outputs = new LinkedHashMap<>();
        graph.outputs().forEach((name, value) -> outputs.put(name, input(value)));
        return new Graph(rebuilt, outputs, graph.headRuns());
    }

    private Value copy(Node node, List<Value> inputs, RowAxis rows) {
        Node made = new Node(rebuilt.size(), node.op(), inputs, node.weights(), node.signature(), node.scope());
        rebuilt.add(made);
        Value value = node.output().as(made, rows);
        made.output(value);
        return value;
    }

    /**
     * The input value in the new graph: with all rows, or with the picked rows if its producer was narrowed or is a
     * pick.
     */
    private Value input(Value value) {
        int id = value.producer().id();
        Value found = whole.containsKey(id) ? whole.get(id) : picked.get(id);
        return value.as(found.producer(), found.rows());
    }

    /** The picked rows of a value. A look-up has no inputs, so it is simply done for those rows. */
    private Value pickedInput(Value value) {
        int id = value.producer().id();
        Value found = picked.get(id);
        if (found == null) {
            Value source = whole.get(id);
            Op op = new Op.PickRows(RowAxis.Kind.OUTPUTS);
            List<AxisUse> signature = List.of(AxisUse.identity(source.dim(), "rows"));
            Node made = new Node(
                    rebuilt.size(),
                    op,
                    List.of(source),
                    List.of(),
                    signature,
                    source.producer().scope());
            rebuilt.add(made);
            found = source.as(made, source.rows().pick(RowAxis.Kind.OUTPUTS));
            made.output(found);
            picked.put(id, found);
        }
        return value.as(found.producer(), found.rows());
    }
}
