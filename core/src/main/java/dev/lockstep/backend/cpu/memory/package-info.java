/**
 * What the CPU kernels stand on: memory outside the Java heap, vector loads and stores on it, matrices over it, and the
 * worker pool of a rank. Uses JavaCPP for allocation and the incubating Vector API where the JVM was started with it;
 * both have a fallback. Slabs flow out; nothing of the graph or the model flows in.
 */
package dev.lockstep.backend.cpu.memory;
