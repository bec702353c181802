package dev.lockstep.spark.cluster

import java.nio.file.Files

import scala.util.{Failure, Success, Try}

import org.apache.spark.ClusterAccess

import dev.lockstep.spark.exec.{FakeEngine, FakeModel}

/** An executor is killed behind inference, when some partitions of the result are already written and others are not. */
class LateLossSuite extends ClusterSuite {
  private val count = 1200
  private val partitions = 6

  /** Of six partitions, four are written first. */
  private def writtenWithAKill(model: FakeModel, tp: Int): Try[Seq[String]] = {
    val all = executors.await(2)
    val slow = new Slow
    val folder = Files.createTempDirectory("late").resolve("out").toString
    val inferred = generated(prompts(count, partitions), model, tp)
    val job = Jobs.started(slow.rows(inferred, "out", millis = 10).write.parquet(folder))
    eventually(slow.done should be > count * 4 / partitions)
    model.prompts should have size count
    all.head.kill9()
    Try(Jobs.ended(spark, job)).map(_ => Keyed.problems(spark.read.parquet(folder), count))
  }

  test("tp = 2: the job goes on, or its error says what would have helped") {
    writtenWithAKill(FakeEngine.shared(), tp = 2) match {
      case Success(problems) => problems shouldBe empty
      case Failure(failure) => Jobs.message(failure) should include regex "(?i)setCheckpointDir|checkpoint directory"
    }
  }

  test("tp = 2 with a checkpoint directory: the job goes on, and no row is inferred again") {
    spark.sparkContext.setCheckpointDir(Files.createTempDirectory("checkpoint").toString)
    try {
      val model = FakeEngine.shared()
      writtenWithAKill(model, tp = 2).get shouldBe empty
      model.prompts should have size count
    } finally ClusterAccess.clearCheckpointDir(spark.sparkContext)
  }
}
