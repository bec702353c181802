/**
 * The first phase of compiling, the same for every device. A rank's graph becomes a
 * {@link dev.lockstep.backend.lowering.LoweredProgram}: a list of {@link dev.lockstep.backend.lowering.Step}s over
 * buffers and views of them, including the collectives. This phase names weights without reading them, describes caches
 * without allocating them, and decides the precision of each weight. It knows nothing about devices, kernels, threads
 * or the contents of weights; a backend binds each step to the code that runs it. May use {@code partition} and
 * {@code graph}.
 */
package dev.lockstep.backend.lowering;
