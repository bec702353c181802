/**
 * Matrix products with packed weights. An engine packs a weight once, split by output columns over the workers of its
 * rank; the packed weight then multiplies activations. The engine is oneDNN through JavaCPP, or Java if its library
 * cannot be loaded. May use {@code memory} and the math and activations of {@code kernel}. Input: panels of weights,
 * and matrices; output: matrices.
 */
package dev.lockstep.backend.cpu.gemm;
