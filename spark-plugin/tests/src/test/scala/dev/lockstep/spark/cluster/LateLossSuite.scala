package dev.lockstep.spark.cluster

import java.nio.file.Files

import scala.util.{Failure, Success, Try}

import org.apache.spark.ClusterAccess
import org.apache.spark.sql.DataFrame

import dev.lockstep.spark.exec.{FakeEngine, FakeModel}

/** tp = 2: executors are killed behind inference, when some partitions of the result are already written and others are not. */
class LateLossSuite extends ClusterSuite {
  private val count = 1200
  private val partitions = 6

  private def plain: DataFrame = prompts(count, partitions)
  /** Spark cannot compute a part of these again. */
  private def moving: DataFrame = Keyed.anyPlace(prompts(count, partitions))

  /** Four of six partitions are written first; kills the executors of these places in the list of both. */
  private def writtenWithAKill(child: DataFrame, model: FakeModel, places: Int*): Try[Seq[String]] = {
    val all = executors.await(2)
    val slow = new Slow
    val folder = Files.createTempDirectory("late").resolve("out").toString
    val job = Jobs.started(slow.rows(generated(child, model, tp = 2), "out", millis = 10).write.parquet(folder))
    eventually(slow.done should be > count * 4 / partitions)
    model.prompts.size shouldBe count
    places.foreach(all(_).kill9())
    Try(Jobs.ended(spark, job)).map(_ => Keyed.problems(spark.read.parquet(folder), count))
  }

  test("rows that come out the same again: the job goes on") {
    writtenWithAKill(plain, FakeEngine.shared(), 0).get shouldBe empty
  }

  test("rows that do not: the job goes on, or its error says what would have helped") {
    writtenWithAKill(moving, FakeEngine.shared(), 1) match {
      case Success(problems) => problems shouldBe empty
      case Failure(failure) => Jobs.message(failure) should include regex "(?i)setCheckpointDir|checkpoint directory"
    }
  }

  for ((what, child, places) <- Seq(("an executor is lost", () => plain, Seq(0)), ("both are lost", () => moving, Seq(0, 1)))) {
    test(s"with a checkpoint directory, $what: the job goes on, and no row is inferred again") {
      spark.sparkContext.setCheckpointDir(Files.createTempDirectory("checkpoint").toString)
      try {
        val model = FakeEngine.shared()
        writtenWithAKill(child(), model, places: _*).get shouldBe empty
        model.prompts.size shouldBe count
      } finally ClusterAccess.clearCheckpointDir(spark.sparkContext)
    }
  }
}
