package dev.lockstep.backend.lowering;

import dev.lockstep.graph.Weight;

/**
 * A linear map as one rank runs it.
 *
 * @param matrix [out, in]
 * @param bias [out]; null if there is none or if another rank adds it to the sum
 */
public record LinearMap(Weight matrix, Weight bias) {}
