/**
 * Engines: a checkpoint opened, split, compiled and ready to generate, as one {@link dev.lockstep.engine.Rank} per
 * rank. The entry point of the core. Connects the packages, and implements the lockstep protocol, in which only the
 * leader decides and every step is broadcast. May use every package of the core.
 */
package dev.lockstep.engine;
