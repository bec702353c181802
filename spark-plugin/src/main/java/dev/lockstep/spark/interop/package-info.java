/**
 * Conversions between Java and Scala that Spark's internals need: collections, partial functions, class tags. Uses
 * nothing but the Scala library.
 */
package dev.lockstep.spark.interop;
