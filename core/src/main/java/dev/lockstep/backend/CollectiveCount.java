package dev.lockstep.backend;

import dev.lockstep.partition.Collective;

/**
 * How often ranks really met at a place.
 *
 * @param collective the place, as planned
 * @param exchanges exchanges run
 * @param steps steps of its entry point run
 */
public record CollectiveCount(Collective collective, long exchanges, long steps) {}
