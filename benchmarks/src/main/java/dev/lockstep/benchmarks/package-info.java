/**
 * Measurements, run by hand through {@code bin/bench}: the machine's own limits, an inference suite over degrees of
 * parallelism, ops against those limits. Programs compared as wholes are in {@code benchmarks/peers}. May use every
 * room of the core; nothing uses it.
 */
package dev.lockstep.benchmarks;
