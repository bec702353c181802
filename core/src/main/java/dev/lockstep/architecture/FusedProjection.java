package dev.lockstep.architecture;

import dev.lockstep.graph.Scope;
import dev.lockstep.graph.Value;
import java.util.List;

/** Queries, keys and values that one map yields, and how its rows are ordered. Each returns [queries, keys, values]. */
final class FusedProjection {
    private FusedProjection() {}

    /** All queries, then all keys, then all values. */
    static List<Value> blocks(Scope s, String name, Value y, int query, int keyValue, boolean bias) {
        return s.linear(name, y, query + 2 * keyValue, bias).split(query, keyValue, keyValue);
    }

    /** Head after head: its query, its key, its value. */
    static List<Value> byHead(Scope s, String name, Value y, int heads, int headDim, boolean bias) {
        return byGroup(s, name, y, heads, heads, headDim, bias);
    }

    /** Key-value head after key-value head: its queries, its key, its value. */
    static List<Value> byGroup(Scope s, String name, Value y, int heads, int keyValueHeads, int headDim, boolean bias) {
        int queries = heads / keyValueHeads;
        return s.linear(name, y, keyValueHeads * (queries + 2) * headDim, bias)
                .unmerge(keyValueHeads, queries + 2, headDim)
                .splitAxis(1, queries, 1, 1);
    }
}
