package dev.lockstep.spark

import org.apache.spark.{Partition, TaskContext}
import org.apache.spark.rdd.{DeterministicLevel, RDD}

/** Rows of which Spark is told that they are others each time they are computed. */
final class IndeterminateRows(rows: RDD[Long]) extends RDD[Long](rows) {
  override protected def getPartitions: Array[Partition] = rows.partitions
  override def compute(split: Partition, context: TaskContext): Iterator[Long] = rows.iterator(split, context)
  override protected def getOutputDeterministicLevel: DeterministicLevel.Value = DeterministicLevel.INDETERMINATE
}
