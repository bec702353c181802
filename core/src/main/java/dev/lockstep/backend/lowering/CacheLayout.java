package dev.lockstep.backend.lowering;

import dev.lockstep.graph.CacheGroups;
import dev.lockstep.graph.CacheSpec;
import dev.lockstep.graph.Graph;
import dev.lockstep.graph.Node;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.Reach;
import dev.lockstep.partition.RankGraph;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The caches of a rank, which all use one pool of block ids. A block belongs to one sequence and one cache group at a
 * time. The n-th self-attentions of all groups and the n-th cross-attention can therefore share a pool if their shapes
 * are equal.
 */
public final class CacheLayout {

    /**
     * Keys and values of one layer, or of several layers that never use a block at the same time.
     *
     * @param heads key-value heads of the rank
     * @param valueWidth 0 if values are the first features of keys
     */
    public record Pool(int heads, int keyWidth, int valueWidth) {}

    private final List<Reach> reaches;
    private final List<Pool> pools = new ArrayList<>();
    private final Map<Node, Integer> poolOf = new IdentityHashMap<>();
    private final Map<Node, CacheTables> tablesOf = new IdentityHashMap<>();
    private final List<Integer> lastRows = new ArrayList<>();
    private final Map<Node, Integer> lastRowOf = new IdentityHashMap<>();

    private CacheLayout(List<Reach> reaches) {
        this.reaches = reaches;
    }

    static CacheLayout of(RankGraph graph) {
        Graph model = graph.model().graph();
        CacheGroups groups = CacheGroups.of(model);
        CacheLayout layout = new CacheLayout(groups.reaches());
        for (int group = 0; group < groups.reaches().size(); group++) {
            layout.place(groups.layers(group), graph, new CacheTables(group));
        }
        layout.place(
                model.nodes().stream()
                        .filter(node -> keeps(node, CacheSpec.Kind.CROSS))
                        .toList(),
                graph,
                CacheTables.cross());
        for (Node node : model.nodes()) {
            if (keeps(node, CacheSpec.Kind.LAST_ROW)) {
                layout.lastRowOf.put(node, layout.lastRows.size());
                layout.lastRows.add(graph.split().local(node.input(0).dim(), graph.rank()).length);
            }
        }
        return layout;
    }

    private static boolean keeps(Node node, CacheSpec.Kind kind) {
        return CacheSpec.of(node).filter(spec -> spec.kind() == kind).isPresent();
    }

    /** Gives each layer of a group a pool of its shape, reusing a pool of another group if possible. */
    private void place(List<Node> layers, RankGraph graph, CacheTables tables) {
        Set<Integer> taken = new HashSet<>();
        for (Node node : layers) {
            Op.Attention attention = (Op.Attention) node.op();
            HeadLayout heads = HeadLayout.of(node, attention, graph.split(), graph.rank());
            int valueWidth = attention.valuesInKeys() ? 0 : heads.valueWidth();
            Pool pool = new Pool(heads.keyValueHeads(), heads.queryWidth(), valueWidth);
            int place = 0;
            while (place < pools.size()
                    && (taken.contains(place) || !pools.get(place).equals(pool))) {
                place++;
            }
            if (place == pools.size()) {
                pools.add(pool);
            }
            taken.add(place);
            poolOf.put(node, place);
            tablesOf.put(node, tables);
        }
    }

    /** What each cache group keeps of a sequence. A step has one block table for each. */
    public List<Reach> groups() {
        return reaches;
    }

    public List<Pool> pools() {
        return List.copyOf(pools);
    }

    /** Widths of the rows that are kept, one row per sequence: {@link Op.Previous}. */
    public List<Integer> lastRows() {
        return List.copyOf(lastRows);
    }

    int pool(Node attention) {
        return poolOf.get(attention);
    }

    CacheTables tables(Node attention) {
        return tablesOf.get(attention);
    }

    int lastRow(Node previous) {
        return lastRowOf.get(previous);
    }
}
