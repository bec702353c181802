package dev.lockstep.spark.cluster

import dev.lockstep.spark.exec.FakeEngine

/** Executors are killed while a stage before, of or behind inference runs. */
class KilledDuringSuite extends ClusterSuite {
  private val count = 1600

  for ((who, places) <- Seq("an executor" -> Seq(1), "both executors" -> Seq(0, 1))) {
    test(s"tp = 2, $who killed during inference") {
      val all = executors.await(2)
      val model = FakeEngine.shared(stepMillis = 20, capacity = 8)
      val job = Jobs.started(Keyed.problems(generated(prompts(count), model, tp = 2), count))
      eventually(model.prompts.size should be > 100)
      model.prompts.size should be < count
      places.foreach(all(_).kill9())
      Jobs.ended(spark, job) shouldBe empty
    }
  }

  for (tp <- Seq(1, 2)) {
    test(s"tp = $tp, an executor killed while its input is computed") {
      val all = executors.await(2)
      val slow = new Slow
      val child = slow.rows(prompts(count, partitions = 8), "prompt", millis = 5)
      val job = Jobs.started(Keyed.problems(generated(child, FakeEngine.shared(), tp), count))
      eventually(slow.done should be > count / 2)
      all.head.kill9()
      Jobs.ended(spark, job) shouldBe empty
    }
  }
}
