package dev.lockstep.graph;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Groups of attention layers whose caches keep the same positions. A sequence has one block table per group. All groups
 * take blocks from one pool, and the n-th layers of all groups share storage, so a block takes as much memory as the
 * largest group needs. The layers of each {@link Reach} are therefore divided into groups of about equal size. The
 * groups depend on the graph only, so all ranks compute the same ones.
 */
public final class CacheGroups {
    /**
     * The most groups. Each group costs a table per sequence and a slot per row; beyond this number, wasting storage is
     * cheaper.
     */
    private static final int MOST_GROUPS = 8;

    /** The assumed length of a sequence, in windows, when layers are divided into groups. */
    private static final int WINDOWS_OF_A_SEQUENCE = 4;

    private final List<Reach> reaches = new ArrayList<>();
    private final List<List<Node>> layers = new ArrayList<>();
    private final Map<Node, Integer> groupOf = new IdentityHashMap<>();

    private CacheGroups() {}

    /** The groups of a graph; at least one, even if nothing is cached. */
    public static CacheGroups of(Graph graph) {
        Map<Reach, List<Node>> sets = new LinkedHashMap<>();
        // Layers that keep all positions come first, whatever the order of the layers.
        sets.put(Reach.ALL, new ArrayList<>());
        for (Node node : graph.nodes()) {
            CacheSpec.of(node)
                    .filter(spec -> spec.kind() == CacheSpec.Kind.PAGED)
                    .ifPresent(spec -> sets.computeIfAbsent(spec.reach(), reach -> new ArrayList<>())
                            .add(node));
        }
        if (sets.size() > 1 && sets.get(Reach.ALL).isEmpty()) {
            sets.remove(Reach.ALL);
        }
        int size = groupSize(sets);
        CacheGroups groups = new CacheGroups();
        sets.forEach((reach, nodes) -> groups.cut(reach, nodes, size));
        return groups;
    }

    /** Layers per group: the size that wastes least storage; ties go to the largest. */
    private static int groupSize(Map<Reach, List<Node>> sets) {
        int largest = 1;
        for (List<Node> nodes : sets.values()) {
            largest = Math.max(largest, nodes.size());
        }
        int best = largest;
        for (int size = largest; size >= 1; size--) {
            if (count(sets, size) <= MOST_GROUPS && storage(sets, size) < storage(sets, best)) {
                best = size;
            }
        }
        return best;
    }

    private static int count(Map<Reach, List<Node>> sets, int size) {
        int count = 0;
        for (List<Node> nodes : sets.values()) {
            count += pieces(nodes, size);
        }
        return count;
    }

    private static long storage(Map<Reach, List<Node>> sets, int size) {
        long storage = 0;
        for (Map.Entry<Reach, List<Node>> set : sets.entrySet()) {
            long padded = (long) pieces(set.getValue(), size) * size;
            storage += set.getKey().limited() ? padded : WINDOWS_OF_A_SEQUENCE * padded;
        }
        return storage;
    }

    private static int pieces(List<Node> nodes, int size) {
        return Math.max(1, (nodes.size() + size - 1) / size);
    }

    private void cut(Reach reach, List<Node> nodes, int size) {
        int pieces = pieces(nodes, size);
        for (int piece = 0; piece < pieces; piece++) {
            List<Node> part =
                    List.copyOf(nodes.subList(nodes.size() * piece / pieces, nodes.size() * (piece + 1) / pieces));
            for (Node node : part) {
                groupOf.put(node, reaches.size());
            }
            reaches.add(reach);
            layers.add(part);
        }
    }

    /** The positions that each group keeps. */
    public List<Reach> reaches() {
        return List.copyOf(reaches);
    }

    /** The attention layers of a group, in the graph's order. */
    public List<Node> layers(int group) {
        return layers.get(group);
    }

    /**
     * The group of an attention layer whose cache is {@link CacheSpec.Kind#PAGED}.
     *
     * @throws GraphException when the node is not such a layer
     */
    public int of(Node attention) {
        Integer group = groupOf.get(attention);
        if (group == null) {
            throw new GraphException(attention + " keeps no entry per token: it belongs to no group of caches");
        }
        return group;
    }
}
