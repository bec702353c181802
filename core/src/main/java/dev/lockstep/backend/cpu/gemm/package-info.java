/**
 * Matrix products with packed weights. An engine packs a weight once, split by output columns over the workers of its
 * rank, and the packed weight multiplies activations by it: oneDNN through JavaCPP, or Java where its library cannot be
 * loaded. May use {@code memory} and the math and activations of {@code kernel}; panels of weights flow in, matrices in
 * and out.
 */
package dev.lockstep.backend.cpu.gemm;
