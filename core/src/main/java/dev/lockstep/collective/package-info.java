/**
 * How the ranks of a group meet: all-reduce, all-gather, broadcast, barrier, and failing together. {@link
 * dev.lockstep.collective.Mesh} is what a rank sees; {@link dev.lockstep.collective.ThreadMesh} joins the threads of one
 * JVM. In flow direct buffers in native byte order, out flow the same bits on every rank. Uses the JDK only.
 */
package dev.lockstep.collective;
