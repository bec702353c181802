/**
 * Collectives of the ranks of a group: all-reduce, all-gather, broadcast, barrier, and joint failure. {@link
 * dev.lockstep.collective.Mesh} is the interface of a rank; {@link dev.lockstep.collective.ThreadMesh} connects the
 * threads of one JVM. Input: direct buffers in native byte order. Output: bit-identical results on every rank. Uses the
 * JDK only.
 */
package dev.lockstep.collective;
