/**
 * A typed intermediate representation at transformer granularity. A model is a list of nodes over values of shape
 * [rows, features]; a feature dimension is a list of factors, and a factor is an {@link dev.lockstep.graph.Atom} that
 * may be refined into a product or a direct sum. Every op declares one thing, its axis signature; shape checks,
 * partitioning and cost read only that. Flows in: what an architecture says. Flows out: to {@code partition}. May use
 * {@code checkpoint} for weight expressions.
 */
package dev.lockstep.graph;
