/**
 * CPU kernels of one rank, GEMM aside: element-wise operations, norms, rotary positions, embeddings, caches, attention,
 * candidates. Each kernel is an object made once per rank over its worker pool and then called by one thread at a time
 * without allocating; matrices over slabs flow in and out. Kernels are written on {@code RowMath},
 * {@code TileMath} and {@code HeadMath}, which exist twice: on the Vector API and as scalar code. May use {@code memory}, nothing else.
 */
package dev.lockstep.backend.cpu.kernel;
