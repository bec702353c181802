/**
 * Automatic tensor parallelism: finds which axes of a graph may be split, chooses a set of them, and plans the
 * collectives. Reads only dimensions and axis signatures, never names. Input: a {@link dev.lockstep.graph.Model}.
 * Output: one {@link dev.lockstep.partition.RankGraph} per rank, checked by an independent {@link
 * dev.lockstep.partition.PlanChecker}. May use {@code graph}.
 */
package dev.lockstep.partition;
