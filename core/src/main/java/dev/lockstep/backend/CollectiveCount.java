package dev.lockstep.backend;

import dev.lockstep.partition.Collective;

/**
 * How often a planned collective actually ran.
 *
 * @param collective the collective, as planned
 * @param exchanges exchanges run
 * @param steps steps run of the collective's entry point
 */
public record CollectiveCount(Collective collective, long exchanges, long steps) {}
