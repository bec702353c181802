package dev.lockstep.backend.lowering;

import dev.lockstep.graph.Op;
import dev.lockstep.graph.Weight;

/**
 * An attention as a rank runs it.
 *
 * @param heads those of the rank; at least one, with values at least one feature wide
 * @param relativeTable learned biases by bucket of distance [buckets, heads]; null for none
 * @param sinks [heads]; null for none
 * @param queryMap the matrix of the linear map that yields the queries, null where another op does
 * @param keyMap as above, of the keys
 */
public record AttentionLayer(
        Op.Attention op, HeadLayout heads, Weight relativeTable, Weight sinks, Weight queryMap, Weight keyMap) {}
