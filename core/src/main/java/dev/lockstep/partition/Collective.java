package dev.lockstep.partition;

import dev.lockstep.graph.Graph;
import dev.lockstep.graph.Node;
import dev.lockstep.graph.OpTraits;
import dev.lockstep.graph.Value;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One exchange of one value, as reports and counters name it.
 *
 * @param node whose output (or, for statistics, input) is exchanged
 * @param kind what is exchanged
 * @param place the weights whose contractions are summed here, layer numbers starred
 * @param layers the prefix of the stack of layers it belongs to, or the empty string
 * @param layer the layer's number in that stack, or -1
 * @param width numbers exchanged per row
 */
public record Collective(Node node, Plan.Exchange.Kind kind, String place, String layers, int layer, int width) {
    private static final Pattern LAYER = Pattern.compile("^(.*?)\\.(\\d+)\\.");

    /** All exchanges of a plan, in order. */
    public static List<Collective> of(Graph graph, Plan plan) {
        List<Collective> collectives = new ArrayList<>();
        for (Plan.Exchange exchange : plan.exchanges()) {
            for (Node node : exchange.nodes()) {
                collectives.add(of(exchange.kind(), node, plan));
            }
        }
        return collectives;
    }

    private static Collective of(Plan.Exchange.Kind kind, Node node, Plan plan) {
        List<Node> producers = kind == Plan.Exchange.Kind.ALL_REDUCE ? producers(node, plan) : List.of(node);
        Set<String> names = new LinkedHashSet<>();
        for (Node producer : producers) {
            names.add(starred(producer.displayName()));
        }
        Matcher layer = LAYER.matcher(producers.get(producers.size() - 1).displayName());
        boolean found = layer.find();
        int width = kind == Plan.Exchange.Kind.STATISTICS ? 3 : node.output().width();
        return new Collective(
                node,
                kind,
                String.join(" + ", names),
                found ? layer.group(1) : "",
                found ? Integer.parseInt(layer.group(2)) : -1,
                width);
    }

    /** A name with its layer numbers starred, so that layers fall together. */
    public static String starred(String name) {
        return name.replaceAll("\\.\\d+\\.", ".*.");
    }

    /** The contractions and look-ups whose shares meet in a node's output. */
    private static List<Node> producers(Node node, Plan plan) {
        if (node.op().traits().sums() != OpTraits.Sums.LINEAR) {
            return List.of(node);
        }
        List<Node> found = new ArrayList<>();
        for (Value input : node.inputs()) {
            if (plan.isOpen(input)) {
                found.addAll(producers(input.producer(), plan));
            }
        }
        return found.isEmpty() ? List.of(node) : found;
    }
}
