package dev.lockstep.architecture;

/**
 * A family of models.
 *
 * @param modelType as configs spell it
 * @param models the published models it is for, in a few words
 */
record Family(String modelType, String models, Architecture architecture) {}
