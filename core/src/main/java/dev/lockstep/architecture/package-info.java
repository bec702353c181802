/**
 * Model families, each written once as its paper would draw it: no parallelism, no devices, no batching. A family is one
 * file and a line in {@link dev.lockstep.architecture.Architectures}; shared blocks live beside them. May use
 * {@code graph} and {@code checkpoint}'s configuration. Flows in: a published {@code config.json}. Flows out: a
 * {@link dev.lockstep.graph.Model}.
 */
package dev.lockstep.architecture;
