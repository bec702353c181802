package dev.lockstep.backend.lowering;

/**
 * A step with a name for profiles.
 *
 * @param name of the op that it belongs to, with the output's width
 */
public record NamedStep(Step step, String name) {}
