/**
 * The first phase of compiling, the same for every device: a rank's graph becomes a {@link
 * dev.lockstep.backend.lowering.LoweredProgram}, a list of {@link dev.lockstep.backend.lowering.Step}s over buffers and
 * views of them, with the exchanges between ranks in their places. Weights are named and not read, caches are described and
 * not allocated, and which precision a weight needs is decided. Knows no device, kernel, thread or byte of a weight; a
 * backend binds each step to what runs it. May use {@code partition} and {@code graph}.
 */
package dev.lockstep.backend.lowering;
