package dev.lockstep.graph;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Attention layers in groups that forget alike: a sequence has one block table for each group. All groups take blocks
 * from one pool, and the n-th layers of all groups share storage, so a block takes as much as the largest group needs.
 * Sets of layers of one {@link Reach} are therefore cut into groups of about one size. Follows from the graph alone: all
 * ranks find the same groups.
 */
public final class CacheGroups {
    /** Each group costs a sequence a table and each row a slot: beyond so many groups storage is wasted rather. */
    private static final int MOST_GROUPS = 8;

    /** How much longer than its windows a sequence is taken to be, when groups are cut. */
    private static final int WINDOWS_OF_A_SEQUENCE = 4;

    private final List<Reach> reaches = new ArrayList<>();
    private final List<List<Node>> layers = new ArrayList<>();
    private final Map<Node, Integer> groupOf = new IdentityHashMap<>();

    private CacheGroups() {}

    /** The groups of a graph; at least one, where nothing is cached too. */
    public static CacheGroups of(Graph graph) {
        Map<Reach, List<Node>> sets = new LinkedHashMap<>();
        // Layers that keep all come first, whatever the order of the layers.
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

    /** Layers of a group: what wastes least storage, of equals the largest. */
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

    /** What each group keeps. */
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
     * @throws GraphException when it is no such layer
     */
    public int of(Node attention) {
        Integer group = groupOf.get(attention);
        if (group == null) {
            throw new GraphException(attention + " keeps no entry per token: it belongs to no group of caches");
        }
        return group;
    }
}
