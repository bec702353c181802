package dev.lockstep.backend.lowering;

import dev.lockstep.graph.Op;
import dev.lockstep.graph.Weight;
import java.util.ArrayList;
import java.util.List;

/**
 * An attention as one rank runs it.
 *
 * @param heads the rank's heads; at least one, with values at least one feature wide
 * @param relativeTables learned biases by bucket of distance [buckets, heads], in the order of the op's terms
 * @param sinks [heads]; null for none
 * @param queryMap the matrix of the linear map whose output is the queries; null if another op computes them
 * @param keyMap the same for the keys
 */
public record AttentionLayer(
        Op.Attention op, HeadLayout heads, List<Weight> relativeTables, Weight sinks, Weight queryMap, Weight keyMap) {
    public AttentionLayer {
        relativeTables = List.copyOf(relativeTables);
    }

    /** All weights that it reads itself, apart from those behind queries, keys and values. */
    List<Weight> weights() {
        List<Weight> all = new ArrayList<>(relativeTables);
        if (sinks != null) {
            all.add(sinks);
        }
        return all;
    }
}
