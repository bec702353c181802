/**
 * A typed intermediate representation at transformer granularity. A model is a list of nodes over values of shape
 * [rows, features]. A feature dimension is a list of factors; a factor is an {@link dev.lockstep.graph.Atom} that may
 * be refined into a product or a direct sum. Every op declares an axis signature; shape checks, partitioning and cost
 * read only that. Input: the description by an architecture. Output: the graph, for {@code partition}. May use
 * {@code checkpoint} for weight expressions.
 */
package dev.lockstep.graph;
