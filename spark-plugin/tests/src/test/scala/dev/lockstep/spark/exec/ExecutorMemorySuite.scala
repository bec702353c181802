package dev.lockstep.spark.exec

import org.apache.spark.SparkConf
import org.scalatest.funsuite.AnyFunSuite

class ExecutorMemorySuite extends AnyFunSuite {
  private val mib = 1L << 20

  private def conf(entries: (String, String)*): SparkConf = {
    val conf = new SparkConf(false)
    entries.foreach { case (key, value) => conf.set(key, value) }
    conf
  }

  test("without a container what is free decides") {
    for (master <- Seq("local[4]", "local-cluster[2,1,1024]", "spark://host:7077")) {
      assert(ExecutorMemory.perRank(conf("spark.master" -> master), 2) == 0)
    }
    // In local mode the executor is the driver: nothing makes room for it.
    assert(ExecutorMemory.perRank(conf("spark.master" -> "local[4]", "spark.executor.memoryOverhead" -> "2g"), 2) == 0)
  }

  test("a container's room beside the heap is shared by the ranks, without what Spark needs") {
    val asked = conf("spark.master" -> "yarn", "spark.executor.memoryOverhead" -> "8448")
    assert(ExecutorMemory.perRank(asked, 1) == 8320 * mib)
    assert(ExecutorMemory.perRank(asked, 4) == 2080 * mib)
    asked.set("spark.memory.offHeap.enabled", "true").set("spark.memory.offHeap.size", "1g")
    assert(ExecutorMemory.perRank(asked, 1) == 9344 * mib)
  }

  test("an overhead that is set counts on Standalone too") {
    val asked = conf("spark.master" -> "spark://host:7077", "spark.executor.memoryOverhead" -> "4g")
    assert(ExecutorMemory.perRank(asked, 1) == 3968 * mib)
  }

  test("an overhead that is not set is the cluster manager's") {
    assert(ExecutorMemory.perRank(conf("spark.master" -> "yarn"), 1) == 256 * mib)
    assert(ExecutorMemory.perRank(conf("spark.master" -> "k8s://host", "spark.executor.memory" -> "20g"), 1) ==
      2048 * mib - 128 * mib)
  }

  test("the container's own limit holds where it is tighter") {
    val asked = conf("spark.master" -> "yarn", "spark.executor.memoryOverhead" -> "8g")
    assert(ExecutorMemory.perRank(asked, 2, 6144 * mib, 2048 * mib) == 2048 * mib)
    assert(ExecutorMemory.perRank(asked, 2, 64 * 1024 * mib, 2048 * mib) == 4032 * mib)
  }

  test("too little is a budget that no rank fits, not what is free") {
    val asked = conf("spark.master" -> "yarn", "spark.executor.memoryOverhead" -> "100m")
    assert(ExecutorMemory.perRank(asked, 1) == 1)
    assert(ExecutorMemory.perRank(asked, 1, 1024 * mib, 2048 * mib) == 1)
  }
}
