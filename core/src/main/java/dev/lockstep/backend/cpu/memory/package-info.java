/**
 * The foundation of the CPU kernels: memory outside the Java heap, vector loads and stores on it, matrices over it, and
 * the worker pool of a rank. Uses JavaCPP for allocation, and the incubating Vector API if the JVM was started with it;
 * both have a fallback. This package depends on nothing of the graph or the model.
 */
package dev.lockstep.backend.cpu.memory;
