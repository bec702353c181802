package dev.lockstep.graph;

import dev.lockstep.checkpoint.WeightExpression;

/**
 * The sources of the expert weights of a mixture of experts.
 *
 * @param gate [experts, inner, hidden]
 * @param up the same shape
 * @param down [experts, hidden, inner]
 * @param gateBias [experts, inner]; this and the other biases may be null
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
