/**
 * The step interface: the input a rank gets ({@link dev.lockstep.backend.StepInput}), its output, and how a device
 * compiles a rank's graph into a program. Kernels and memory are private to each backend's package. May use
 * {@code partition}, {@code graph}, {@code checkpoint} (to read weights) and {@code collective}.
 */
package dev.lockstep.backend;
