/**
 * Engines: a checkpoint opened, split, compiled and ready to generate, as one {@link dev.lockstep.engine.Rank} per rank.
 * The entrance of the core for whoever drives it. Puts the rooms together; holds the lockstep protocol, in which only the
 * leader decides and every step is broadcast. May use every room of the core.
 */
package dev.lockstep.engine;
