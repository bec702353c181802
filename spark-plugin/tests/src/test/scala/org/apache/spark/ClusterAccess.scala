package org.apache.spark

/** What the driver knows of its executors; Spark keeps it to itself. */
object ClusterAccess {
  /** Ids and cores of the executors that are registered, once all that happened before is known. */
  def executors(context: SparkContext): Map[String, Int] = {
    ListenerAccess.drain(context)
    context.statusStore.executorList(activeOnly = true)
      .collect { case executor if executor.id != SparkContext.DRIVER_IDENTIFIER => executor.id -> executor.totalCores }
      .toMap
  }

  /** Spark only lets a checkpoint directory be set, never taken away. */
  def clearCheckpointDir(context: SparkContext): Unit = context.checkpointDir = None
}
