package dev.lockstep.backend.lowering;

/**
 * A step.
 *
 * @param name of the op that it is of, with the output's width: for profiles
 */
public record NamedStep(Step step, String name) {}
