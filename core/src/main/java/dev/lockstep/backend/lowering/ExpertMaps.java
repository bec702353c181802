package dev.lockstep.backend.lowering;

import dev.lockstep.graph.Weight;

/**
 * The weights of a mixture of experts as one rank runs it. A bias is null if the model has none.
 *
 * @param gate [experts, inner, hidden]
 * @param up [experts, inner, hidden]
 * @param down [experts, hidden, inner]
 * @param gateBias [experts, inner]
 * @param upBias [experts, inner]
 * @param downBias [experts, hidden]; also null if another rank adds it to the sum
 */
public record ExpertMaps(Weight gate, Weight up, Weight down, Weight gateBias, Weight upBias, Weight downBias) {}
