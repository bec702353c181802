/**
 * The few bridges between Java and Scala that Spark's internals ask for: collections, partial functions, class tags.
 * Uses nothing but the Scala library.
 */
package dev.lockstep.spark.interop;
