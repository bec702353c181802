package dev.lockstep.backend.lowering;

import dev.lockstep.graph.Weight;

/**
 * A linear map as a rank runs it.
 *
 * @param matrix [out, in]
 * @param bias [out]; null where there is none, or where another rank adds it to the sum
 */
public record LinearMap(Weight matrix, Weight bias) {}
