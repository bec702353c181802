package dev.lockstep.backend.lowering;

import dev.lockstep.backend.Limits;
import dev.lockstep.backend.Precision;
import dev.lockstep.graph.EntryPoint;
import dev.lockstep.graph.Node;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.Weight;
import dev.lockstep.partition.Collective;
import dev.lockstep.partition.RankGraph;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A rank's share of a model, ready to be bound to a device.
 *
 * @param graph the graph that was lowered
 * @param entries in the order in which a sequence runs them
 * @param caches what is kept from step to step
 * @param precisions how each weight is stored
 * @param collectives the places where ranks communicate
 */
public record LoweredProgram(
        RankGraph graph,
        List<LoweredEntry> entries,
        CacheLayout caches,
        WeightPrecisions precisions,
        List<Collective> collectives) {

    /** @param comparesReplicas whether ranks compare, bit for bit, the values that every rank holds */
    public static LoweredProgram of(RankGraph graph, Precision precision, boolean comparesReplicas) {
        CacheLayout caches = CacheLayout.of(graph);
        List<Collective> collectives = Collective.of(graph.model().graph(), graph.plan());
        Set<EntryPoint> points = new LinkedHashSet<>();
        for (Node node : graph.model().graph().nodes()) {
            points.add(node.output().rows().entry());
        }
        List<LoweredEntry> entries = new ArrayList<>();
        for (EntryPoint point : points) {
            entries.add(Lowering.lower(graph, point, caches, collectives, comparesReplicas));
        }
        WeightPrecisions precisions = new WeightPrecisions(graph.model().graph(), precision);
        return new LoweredProgram(graph, List.copyOf(entries), caches, precisions, collectives);
    }

    /** The most rows that the largest step has along any axis. */
    public int mostRows(Limits limits) {
        int most = Math.max(limits.maxTokens(), limits.maxOutputRows());
        for (LoweredEntry entry : entries) {
            for (Buffer buffer : entry.buffers()) {
                most = buffer.rows() == null ? most : Math.max(most, ArenaPlan.capacity(buffer.rows(), limits));
            }
        }
        return most;
    }

    /** The weights whose rows are looked up. */
    public Set<Weight> tables() {
        return firstWeights(Op.Lookup.class);
    }

    /** The weights of linear maps. A tied weight is also one of {@link #tables}. */
    public Set<Weight> matrices() {
        return firstWeights(Op.Linear.class);
    }

    private Set<Weight> firstWeights(Class<? extends Op> kind) {
        Set<Weight> weights = new HashSet<>();
        for (Node node : graph.model().graph().nodes()) {
            if (kind.isInstance(node.op())) {
                weights.add(node.weights().get(0));
            }
        }
        return weights;
    }

    /** The linear map that multiplies by a table, if there is one. */
    public Optional<LinearMap> tiedMap(Weight table) {
        for (Node node : graph.model().graph().nodes()) {
            if (node.op() instanceof Op.Linear && node.weights().get(0) == table) {
                return Optional.of(new LinearMap(
                        table, node.weights().size() > 1 ? node.weights().get(1) : null));
            }
        }
        return Optional.empty();
    }
}
