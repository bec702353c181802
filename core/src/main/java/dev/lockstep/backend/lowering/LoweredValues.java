package dev.lockstep.backend.lowering;

import dev.lockstep.graph.AxisUse;
import dev.lockstep.graph.Dim;
import dev.lockstep.graph.Node;
import dev.lockstep.graph.Value;
import dev.lockstep.partition.Collective;
import dev.lockstep.partition.RankGraph;
import dev.lockstep.partition.Split;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** The state while one entry point of one rank is lowered: the view of each value so far, and the steps so far. */
final class LoweredValues {
    private final RankGraph graph;
    private final CacheLayout caches;
    private final Map<Node, Collective> collectives = new IdentityHashMap<>();
    private final Emission code = new Emission();
    private final Map<Integer, PartialValue> values = new HashMap<>();

    LoweredValues(RankGraph graph, CacheLayout caches, List<Collective> collectives) {
        this.graph = graph;
        this.caches = caches;
        collectives.forEach(collective -> this.collectives.put(collective.node(), collective));
    }

    RankGraph graph() {
        return graph;
    }

    Split split() {
        return graph.split();
    }

    int rank() {
        return graph.rank();
    }

    CacheLayout caches() {
        return caches;
    }

    /** The collective on a node's value. */
    Collective collective(Node node) {
        return collectives.get(node);
    }

    Emission code() {
        return code;
    }

    PartialValue value(Value value) {
        return values.get(value.producer().id());
    }

    /** The value of a node; null if it has none yet. */
    PartialValue value(Node node) {
        return values.get(node.id());
    }

    void put(Node node, PartialValue value) {
        values.put(node.id(), value);
    }

    void putComplete(Node node, View view) {
        put(node, PartialValue.complete(view));
    }

    /** The exchanged statistics of a norm, stored separately from the node's value. */
    View statistics(Node norm) {
        return values.get(-1 - norm.id()).replicated();
    }

    void putStatistics(Node norm, View gathered) {
        values.put(-1 - norm.id(), PartialValue.complete(gathered));
    }

    /** Values of nodes, by id. */
    Map<Integer, PartialValue> values() {
        return Collections.unmodifiableMap(values);
    }

    /** The indices of a dimension that this rank holds. */
    int[] local(Dim dim) {
        return split().local(dim, rank());
    }

    /** A new view for this rank's part of a value. */
    View fresh(Value value) {
        return code.fresh(value.rows(), local(value.dim()).length);
    }

    /** An input that must be complete: split or replicated, and not a partial value. */
    View complete(Value value) {
        PartialValue found = value(value);
        if (found == null || found.partial() != null) {
            throw new IllegalStateException("%" + value.producer().id() + " is used before its sum is complete");
        }
        return found.replicated();
    }

    /** True if the node itself produces a partial value, to be summed over ranks. */
    boolean isSum(Node node) {
        for (AxisUse use : node.signature()) {
            boolean sums = use.kind() == AxisUse.Kind.SUMMED || use.kind() == AxisUse.Kind.MASKED_LOOKUP;
            if (sums && split().splits(use.dim())) {
                return true;
            }
        }
        return false;
    }

    /** Stores the output of a node, as a partial value if the node produces one and as a complete value otherwise. */
    void putResult(Node node, View out) {
        put(node, isSum(node) ? PartialValue.summand(out) : PartialValue.complete(out));
    }
}
