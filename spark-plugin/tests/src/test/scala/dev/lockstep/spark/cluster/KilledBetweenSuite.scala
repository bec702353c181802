package dev.lockstep.spark.cluster

import java.nio.file.{Files, Path}

import scala.util.{Failure, Success, Try}

import org.apache.spark.sql.DataFrame
import org.apache.spark.sql.functions._
import org.apache.spark.storage.StorageLevel

import dev.lockstep.spark.exec.FakeEngine
import dev.lockstep.spark.functions.tpGenerate

/** Executors are killed after inference, and what they held of its output is read again. */
class KilledBetweenSuite extends ClusterSuite {
  private val count = 8000

  private def inferred(tp: Int, child: DataFrame = prompts(count)): DataFrame =
    generated(child, FakeEngine.shared(), tp)

  /** Kills the executors of these places in the list of both. */
  private def lose(places: Seq[Int]): Unit = {
    val all = executors.await(2)
    executors.lose(places.map(all): _*)
  }

  private def collectedTwice(frame: DataFrame, places: Seq[Int]): Unit = {
    executors.await(2)
    val rows = frame.rdd
    withClue("at first: ")(Jobs.run(spark)(Keyed.problems(rows, count)) shouldBe empty)
    lose(places)
    withClue("again: ")(Jobs.run(spark)(Keyed.problems(rows, count)) shouldBe empty)
  }

  private def cachedAndWritten(frame: DataFrame, level: StorageLevel, places: Seq[Int]): Unit = {
    executors.await(2)
    val cached = frame.persist(level)
    try {
      Jobs.run(spark)(cached.count()) shouldBe count
      lose(places)
      val folder = Files.createTempDirectory("cached").resolve("out").toString
      Jobs.run(spark)(cached.write.parquet(folder))
      Jobs.run(spark)(Keyed.problems(spark.read.parquet(folder), count)) shouldBe empty
    } finally cached.unpersist()
  }

  for ((who, places) <- Seq("the first executor" -> Seq(0), "the second executor" -> Seq(1), "both executors" -> Seq(0, 1))) {
    test(s"tp = 2, collected twice, $who killed in between") {
      collectedTwice(inferred(2), places)
    }
  }

  test("tp = 2, behind a repartition, collected twice with a kill in between") {
    collectedTwice(inferred(2, prompts(count).repartition(7)), Seq(0))
  }

  test("tp = 2, behind a shuffle that gives another order each time, collected twice with a kill in between") {
    collectedTwice(inferred(2, Keyed.anyOrder(prompts(count))), Seq(1))
  }

  test("tp = 2, behind a shuffle that gives other partitions each time: every row once, or an error that says so") {
    executors.await(2)
    val rows = inferred(2, Keyed.anyPlace(prompts(count))).rdd
    Jobs.run(spark)(Keyed.problems(rows, count)) shouldBe empty
    lose(Seq(1))
    Try(Jobs.run(spark)(Keyed.problems(rows, count))) match {
      case Success(problems) => problems shouldBe empty
      case Failure(failure) => Jobs.message(failure) should include regex "tp_generate failed: partition \\d+ holds"
    }
  }

  test("tp = 2, behind a group by, collected twice with a kill in between") {
    val groups = prompts(count).crossJoin(spark.range(2).toDF("twice")).groupBy("id", "prompt").agg(sum("twice").as("sum"))
    collectedTwice(inferred(2, groups), Seq(0))
  }

  test("tp = 2, cached in memory, an executor killed, written as parquet") {
    cachedAndWritten(inferred(2), StorageLevel.MEMORY_ONLY, Seq(0))
  }

  test("tp = 2, cached on disk behind a shuffle, both executors killed, written as parquet") {
    cachedAndWritten(inferred(2, Keyed.anyOrder(prompts(count))), StorageLevel.DISK_ONLY, Seq(0, 1))
  }

  test("tp = 1, collected twice, both executors killed in between") {
    collectedTwice(inferred(1), Seq(0, 1))
  }

  test("tp = 1, cached behind a shuffle, an executor killed, written as parquet") {
    cachedAndWritten(inferred(1, Keyed.anyOrder(prompts(count))), StorageLevel.MEMORY_ONLY, Seq(1))
  }

  test("a real model, tp = 2, collected twice with a kill in between") {
    val root = Path.of(System.getProperty("lockstep.root")).toAbsolutePath.normalize
    val dates = spark.read.option("header", "true").csv(root.resolve("examples/dates/heldout.csv").toString)
      .where("id < 12").repartition(4, col("id"))
    val options = java.util.Map.of("tp", "2", "split", "max", "max_new_tokens", "16")
    executors.await(2)
    val rows = dates.withColumn("out", tpGenerate(col("messy"), root.resolve("examples/dates/model").toString, options)).rdd
    def right: Seq[Int] = rows.collect().toSeq
      .collect { case row if row.getAs[String]("out") == row.getAs[String]("iso") => row.getAs[String]("id").toInt }.sorted
    Jobs.run(spark)(right) shouldBe (0 until 12)
    lose(Seq(0))
    Jobs.run(spark)(right) shouldBe (0 until 12)
  }
}
