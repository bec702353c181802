package dev.lockstep.backend.lowering;

import dev.lockstep.graph.Weight;

/**
 * The weights of a mixture of experts as a rank runs it; biases are null where there are none.
 *
 * @param gate [experts, inner, hidden]
 * @param up [experts, inner, hidden]
 * @param down [experts, hidden, inner]
 * @param gateBias [experts, inner]
 * @param upBias [experts, inner]
 * @param downBias [experts, hidden]; null also where another rank adds it to the sum
 */
public record ExpertMaps(Weight gate, Weight up, Weight down, Weight gateBias, Weight upBias, Weight downBias) {}
