package org.apache.spark

import org.apache.spark.rdd.RDD

/** What the loss of executors does to shuffles, in one process. */
object ShuffleAccess {
  /** Shuffles that the RDD reads, the nearest first. */
  def of(rdd: RDD[_]): Seq[ShuffleDependency[_, _, _]] = {
    val shuffles = rdd.dependencies.collect { case shuffle: ShuffleDependency[_, _, _] => shuffle }
    shuffles ++ rdd.dependencies.flatMap(dependency => of(dependency.rdd))
  }

  /** Forgets the output of one map task, or of all. */
  def lose(shuffle: ShuffleDependency[_, _, _], map: Option[Int] = None): Unit = {
    val tracker = SparkEnv.get.mapOutputTracker.asInstanceOf[MapOutputTrackerMaster]
    map match {
      case Some(index) =>
        val status = tracker.shuffleStatuses(shuffle.shuffleId).mapStatuses(index)
        tracker.unregisterMapOutput(shuffle.shuffleId, index, status.location)
      case None => tracker.unregisterAllMapAndMergeOutput(shuffle.shuffleId)
    }
  }
}
