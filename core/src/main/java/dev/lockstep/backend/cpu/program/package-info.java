/**
 * The CPU program: lowers a rank's graph to instructions over one arena, in the order the plan gives, with collectives as
 * instructions among the others. Uses the kernels and GEMM beside it; nothing outside knows its classes but {@link
 * dev.lockstep.backend.cpu.program.CpuBackend}.
 */
package dev.lockstep.backend.cpu.program;
