package dev.lockstep.explain;

import dev.lockstep.graph.Graph;
import dev.lockstep.graph.Weight;
import dev.lockstep.partition.Collective;
import dev.lockstep.partition.Holdings;
import dev.lockstep.partition.Split;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;

/** The weights that each rank holds, and those that are held more than once. */
public final class WeightReport {
    private final Graph graph;
    private final Split split;
    private final int elementBytes;
    private final Holdings holdings;

    public WeightReport(Graph graph, Split split, int elementBytes) {
        this.graph = graph;
        this.split = split;
        this.elementBytes = elementBytes;
        this.holdings = new Holdings(graph, split);
    }

    /** Bytes of all weights, each counted once. */
    public long total() {
        long sum = 0;
        for (Weight weight : graph.weights()) {
            sum += weight.elements();
        }
        return sum * elementBytes;
    }

    /** Bytes a rank holds. */
    public long held(int rank) {
        long sum = 0;
        for (Weight weight : graph.weights()) {
            sum += holdings.elements(weight, rank);
        }
        return sum * elementBytes;
    }

    public long largest() {
        long most = 0;
        for (int rank = 0; rank < split.ranks(); rank++) {
            most = Math.max(most, held(rank));
        }
        return most;
    }

    /** Bytes of weights that every rank holds whole: the declared replication of one rank. */
    public long replicated() {
        long sum = 0;
        for (Weight weight : graph.weights()) {
            if (holdings.elements(weight, split.ranks() - 1) == weight.elements()) {
                sum += weight.elements();
            }
        }
        return sum * elementBytes;
    }

    /** Bytes of additional copies, by starred weight name, largest first. */
    Map<String, Long> copies() {
        Map<String, Long> copies = new LinkedHashMap<>();
        for (Weight weight : graph.weights()) {
            long extra = -weight.elements();
            for (int rank = 0; rank < split.ranks(); rank++) {
                extra += holdings.elements(weight, rank);
            }
            if (extra > 0) {
                copies.merge(Collective.starred(weight.name()), extra * elementBytes, Long::sum);
            }
        }
        Map<String, Long> sorted = new LinkedHashMap<>();
        copies.entrySet().stream()
                .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
                .forEach(entry -> sorted.put(entry.getKey(), entry.getValue()));
        return sorted;
    }
}
