package org.apache.spark

/** The listener bus is Spark's own; waiting for it is what Spark's tests do too. */
object ListenerAccess {
  def drain(context: SparkContext): Unit = context.listenerBus.waitUntilEmpty(20000)
}
