/** Measurements of the parts against the machine's limits, run by hand; programs compared as wholes are in {@code peers}. */
package dev.lockstep.benchmarks;
