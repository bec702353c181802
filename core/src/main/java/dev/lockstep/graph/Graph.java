package dev.lockstep.graph;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A finished model graph. Node ids are positions in {@link #nodes()}, which is a topological order.
 *
 * @param nodes all nodes
 * @param outputs the model's outputs, by name
 * @param headRuns adjacent factors that are split together: the heads of each attention
 */
public record Graph(List<Node> nodes, Map<String, Value> outputs, List<Dim> headRuns) {

    public Graph {
        nodes = List.copyOf(nodes);
        outputs = Collections.unmodifiableMap(new LinkedHashMap<>(outputs));
        headRuns = List.copyOf(headRuns);
    }

    /** The row axes that a step of an entry point carries, in order of first use. */
    public List<RowAxis> carried(EntryPoint entry) {
        Set<RowAxis> axes = new LinkedHashSet<>();
        for (Node node : nodes) {
            RowAxis axis = node.output().rows();
            if (axis.entry() == entry) {
                axes.add(axis.root());
            }
        }
        return List.copyOf(axes);
    }

    /** The most row axes that a step carries in addition to its first. */
    public int furtherAxes() {
        int most = 0;
        for (EntryPoint entry : EntryPoint.values()) {
            most = Math.max(most, carried(entry).size() - 1);
        }
        return most;
    }

    /** All weights, each once, in order of first use. */
    public Set<Weight> weights() {
        Set<Weight> found = new LinkedHashSet<>();
        for (Node node : nodes) {
            found.addAll(node.weights());
        }
        return found;
    }

    /** The graph as text, one node per line, as {@code explain --graph} prints it. */
    public String print() {
        StringBuilder text = new StringBuilder();
        for (Node node : nodes) {
            text.append(node).append('\n');
        }
        outputs.forEach((name, value) ->
                text.append(name).append(" <- %").append(value.producer().id()).append('\n'));
        return text.toString();
    }
}
