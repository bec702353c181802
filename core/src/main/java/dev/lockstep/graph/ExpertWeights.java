package dev.lockstep.graph;

import dev.lockstep.checkpoint.WeightExpression;

/**
 * Where the weights of a mixture's experts come from.
 *
 * @param gate [experts, inner, hidden]
 * @param up the same shape
 * @param down [experts, hidden, inner]
 * @param gateBias [experts, inner], or null as the other biases
 * @param upBias [experts, inner]
 * @param downBias [experts, hidden]
 */
public record ExpertWeights(
        WeightExpression gate,
        WeightExpression up,
        WeightExpression down,
        WeightExpression gateBias,
        WeightExpression upBias,
        WeightExpression downBias) {

    public ExpertWeights(WeightExpression gate, WeightExpression up, WeightExpression down) {
        this(gate, up, down, null, null, null);
    }
}
