package dev.lockstep.explain;

import dev.lockstep.backend.CollectiveCount;
import dev.lockstep.partition.Collective;
import dev.lockstep.partition.Plan;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The number of all-reduces in a layer: {@code 2}, or {@code encoder.block 2, decoder.block 3} where stacks differ. */
public final class CollectivesPerLayer {
    private CollectivesPerLayer() {}

    /** All-reduces per layer as planned. */
    public static String planned(List<Collective> collectives) {
        Map<String, Map<Integer, Long>> counts = new TreeMap<>();
        for (Collective collective : collectives) {
            if (collective.kind() == Plan.Exchange.Kind.ALL_REDUCE && collective.layer() >= 0) {
                counts.computeIfAbsent(collective.layers(), stack -> new TreeMap<>())
                        .merge(collective.layer(), 1L, Long::sum);
            }
        }
        return text(counts);
    }

    /** All-reduces per layer and step as counted while running. */
    public static String counted(List<CollectiveCount> collectives) {
        Map<String, Map<Integer, Long>> counts = new TreeMap<>();
        for (CollectiveCount count : collectives) {
            Collective collective = count.collective();
            if (collective.kind() == Plan.Exchange.Kind.ALL_REDUCE && collective.layer() >= 0 && count.steps() > 0) {
                counts.computeIfAbsent(collective.layers(), stack -> new TreeMap<>())
                        .merge(collective.layer(), count.exchanges() / count.steps(), Long::sum);
            }
        }
        return text(counts);
    }

    /** Stacks with the counts of their layers; a count of its own where layers of a stack differ. */
    static String text(Map<String, Map<Integer, Long>> counts) {
        Map<String, String> perStack = new TreeMap<>();
        counts.forEach((stack, layers) -> {
            Set<String> distinct = new LinkedHashSet<>();
            layers.values().forEach(count -> distinct.add(Long.toString(count)));
            perStack.put(stack, String.join("/", distinct));
        });
        Set<String> distinct = new LinkedHashSet<>(perStack.values());
        if (distinct.isEmpty()) {
            return "0";
        }
        if (distinct.size() == 1) {
            return distinct.iterator().next();
        }
        StringBuilder text = new StringBuilder();
        perStack.forEach((stack, count) -> text.append(text.isEmpty() ? "" : ", ")
                .append(stack)
                .append(' ')
                .append(count));
        return text.toString();
    }
}
