package org.apache.spark

/** The listener bus is Spark's own; waiting for it is what Spark's tests do too. */
object ListenerAccess {
  /** Listeners of the context, those of all queues. */
  def count(context: SparkContext): Int = context.listenerBus.listeners.size

  def drain(context: SparkContext): Unit = context.listenerBus.waitUntilEmpty(300000)
}
