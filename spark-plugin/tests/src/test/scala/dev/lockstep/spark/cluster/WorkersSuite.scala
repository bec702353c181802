package dev.lockstep.spark.cluster

import scala.util.Try

import dev.lockstep.spark.exec.FakeEngine

/** Hosts that go away, and hosts that differ. */
class WorkersSuite extends StandaloneSuite {
  private val count = 1600
  private def slow = FakeEngine.shared(stepMillis = 20, capacity = 8)

  test("a worker and its executor are killed during inference: the other one ends the job") {
    withCluster { cluster =>
      val workers = Seq.fill(2)(cluster.worker(cores = 2))
      // Shorter than what bounds a job here: waiting for slots that are gone would end in an error.
      withSession(cluster, "spark.lockstep.waitTimeout" -> "120s") { spark =>
        new Executors(spark).await(2)
        val model = slow
        val job = Jobs.started(Keyed.problems(generated(Keyed.prompts(spark, count, 4), model, tp = 2), count))
        eventually(model.prompts.size should be > 100)
        workers.head.kill9()
        Jobs.ended(spark, job) shouldBe empty
      }
    }
  }

  test("all workers are killed during inference: the error speaks of executors that are lost, not of busy slots") {
    withCluster { cluster =>
      val workers = Seq.fill(2)(cluster.worker(cores = 2))
      withSession(cluster, "spark.lockstep.waitTimeout" -> "5s") { spark =>
        new Executors(spark).await(2)
        val model = slow
        val job = Jobs.started(Keyed.problems(generated(Keyed.prompts(spark, count, 4), model, tp = 2), count))
        eventually(model.prompts.size should be > 100)
        workers.foreach(_.kill9())
        val message = Jobs.message(Try(Jobs.ended(spark, job)).failed.get)
        message should include regex "(?i)executors?[^.]* (lost|gone)|(lost|gone)[^.]* executors?"
        message should include("spark.lockstep.waitTimeout")
        message should not include "other jobs hold"
      }
    }
  }

  test("executors of two cores and of one: tp = 2 runs on the larger") {
    withCluster { cluster =>
      Seq(2, 1).foreach(cluster.worker(_))
      withSession(cluster, "spark.cores.max" -> "3") { spark =>
        new Executors(spark).await(2).map(_.cores).sorted shouldBe Seq(1, 2)
        Jobs.run(spark)(Keyed.problems(generated(Keyed.prompts(spark, 100, 3), FakeEngine.shared(), tp = 2), 100)) shouldBe empty
      }
    }
  }
}
