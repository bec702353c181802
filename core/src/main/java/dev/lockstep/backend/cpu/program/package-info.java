/**
 * The CPU program: binds a rank's lowered graph to instructions over one arena, in the order of the plan, with
 * collectives among the other instructions. Uses the kernels and GEMM packages. The entry into this package is
 * {@link dev.lockstep.backend.cpu.program.CpuDevice}, which the registry of devices knows; no other code outside uses
 * its classes.
 */
package dev.lockstep.backend.cpu.program;
