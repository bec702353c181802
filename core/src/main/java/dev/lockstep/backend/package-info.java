/**
 * The step interface: what a rank is told ({@link dev.lockstep.backend.StepInput}), what it answers, and how a device
 * turns a rank's graph into a program. Kernels and memory are private to each backend's package. May use {@code
 * partition}, {@code graph}, {@code checkpoint} (to read weights) and {@code collective}.
 */
package dev.lockstep.backend;
