package dev.lockstep.spark

import java.util.concurrent.{ConcurrentHashMap, CountDownLatch}

import scala.concurrent.{Await, Future}
import scala.concurrent.ExecutionContext.Implicits.global
import scala.concurrent.duration._

import org.apache.spark.scheduler.{SparkListener, SparkListenerJobStart, SparkListenerTaskEnd}
import org.apache.spark.sql.functions._
import org.scalatest.time.{Minutes, Span}

import dev.lockstep.spark.exec.{EngineCacheAccess, FakeEngine}
import dev.lockstep.spark.functions.tpGenerate

/** A model that is not split: one engine for all tasks of the executor. */
class ReplicaSuite extends SparkSuite {
  private def generate(rows: Long, partitions: Int, path: String) =
    spark.range(0, rows, 1, partitions).select(tpGenerate(concat(lit("r"), col("id")), path).as("out"))

  /** Only bounds a hang. */
  private val longest = 10.minutes

  test("four tasks at a time, eight in all: weights loaded once, rows of several tasks in one batch") {
    val fresh = FakeEngine.model()
    fresh.capacity = 64
    // A task has 25 rows, and no row ends in the first step: the second one finds those of three tasks at least.
    fresh.onStep = (_, step) =>
      if (step == 0) eventually(timeout(Span(10, Minutes)))(ReplicaSuite.rowsRead(fresh.path) should be > 75)
    val path = fresh.path
    val prompt = udf { (id: Long) =>
      ReplicaSuite.read(path, id)
      s"r$id"
    }
    strings(spark.range(0, 200, 1, 8).select(tpGenerate(prompt(col("id")), path))) shouldBe
      (0 until 200).map(i => s"gen:r$i")
    fresh.opened.get shouldBe 1
    fresh.largestBatch.get should be > 25
    strings(generate(10, 2, fresh.path)) should have length 10
    fresh.opened.get shouldBe 1
  }

  test("memory stays flat: no more rows under way than the window") {
    val fresh = FakeEngine.model()
    fresh.capacity = 1000
    withConf("spark.lockstep.rowsInFlight" -> "3") {
      strings(generate(60, 1, fresh.path)) shouldBe (0 until 60).map(i => s"gen:r$i")
    }
    fresh.largestBatch.get should be <= 3
  }

  test("an engine that fails to load fails the job with the cause, and the next job loads anew") {
    val fresh = FakeEngine.model()
    fresh.onOpen = _ => throw new IllegalStateException("weights are torn")
    messageOf(generate(10, 4, fresh.path).collect()) should include("weights are torn")
    fresh.onOpen = _ => ()
    generate(10, 4, fresh.path).collect() should have length 10
  }

  test("an engine that fails in the middle fails its tasks at once; a new one serves the next job") {
    val fresh = FakeEngine.model()
    fresh.onStep = (_, step) => if (step == 3) throw new IllegalStateException("a kernel failed")
    messageOf(generate(100, 4, fresh.path).collect()) should include("a kernel failed")
    fresh.onStep = (_, _) => ()
    generate(100, 4, fresh.path).collect() should have length 100
    eventually(fresh.closed.get shouldBe fresh.opened.get - 1)
  }

  test("a row's error fails the job and leaves the engine loaded") {
    val fresh = FakeEngine.model()
    val bad = spark.range(0, 40, 1, 4).select(
      tpGenerate(when(col("id") === 30, "bad row").otherwise(col("id").cast("string")), fresh.path))
    messageOf(bad.collect()) should include("this row is bad")
    generate(10, 2, fresh.path).collect() should have length 10
    fresh.opened.get shouldBe 1
  }

  test("a cancelled job withdraws its rows, and what nobody waits for ends soon") {
    val fresh = FakeEngine.model()
    fresh.capacity = 1
    // A few rows, and then none until all tasks have ended: what runs later was not withdrawn.
    val running = new CountDownLatch(4)
    val listener = new SparkListener {
      private var stage = -1
      override def onJobStart(start: SparkListenerJobStart): Unit =
        if (start.properties.getProperty("spark.jobGroup.id") == "cancelled") stage = start.stageIds.head
      override def onTaskEnd(end: SparkListenerTaskEnd): Unit = if (end.stageId == stage) running.countDown()
    }
    fresh.onStep = (_, step) => if (step >= 6) running.await(longest.length, longest.unit)
    spark.sparkContext.addSparkListener(listener)
    val job = Future {
      spark.sparkContext.setJobGroup("cancelled", "cancelled")
      generate(1000, 4, fresh.path).collect()
    }
    eventually(fresh.prompts.size should be > 2)
    spark.sparkContext.cancelJobGroup("cancelled")
    intercept[Exception](Await.result(job, longest))
    eventually(fresh.leading.get shouldBe 0)
    spark.sparkContext.removeSparkListener(listener)
    fresh.prompts.size should be < 10
  }

  test("a limit that stops a task early withdraws the rest") {
    val fresh = FakeEngine.model()
    fresh.capacity = 4
    // The row that is looked for has been run by then; no other is until the task has ended.
    val taskEnded = new CountDownLatch(1)
    fresh.onStep = (_, _) => if (fresh.prompts.size >= 20) taskEnded.await(longest.length, longest.unit)
    val out = generate(2000, 1, fresh.path).filter("out like '%7'").limit(1)
    try out.collect() should have length 1
    finally taskEnded.countDown()
    eventually(fresh.leading.get shouldBe 0)
    fresh.prompts.size should be < 30
  }

  test("a checkpoint that changed on disk is loaded anew") {
    val fresh = FakeEngine.model()
    generate(4, 1, fresh.path).collect()
    java.nio.file.Files.writeString(fresh.folder.resolve("config.json"), """{"changed": true}""")
    generate(4, 1, fresh.path).collect()
    fresh.opened.get shouldBe 2
  }

  test("unused engines are closed: beyond the limit, and after a while") {
    val first = FakeEngine.model()
    val second = FakeEngine.model()
    generate(4, 1, first.path).collect()
    generate(4, 1, second.path).collect()
    eventually(first.closed.get shouldBe 1)
    withConf("spark.lockstep.idleTimeout" -> "100ms")(generate(4, 1, second.path).collect())
    eventually(second.closed.get shouldBe 1)
    withConf("spark.lockstep.idleEngines" -> "0")(generate(4, 1, first.path).collect())
    eventually(first.closed.get shouldBe 2)
    eventually(EngineCacheAccess.size shouldBe 0)
  }

  test("two jobs at once share the engine") {
    val fresh = FakeEngine.model()
    fresh.stepMillis = 1
    val jobs = (1 to 2).map(_ => Future(generate(200, 2, fresh.path).collect()))
    jobs.foreach(Await.result(_, longest) should have length 200)
    fresh.opened.get shouldBe 1
  }

  test("metrics of the node") {
    val frame = generate(20, 2, FakeEngine.model().path)
    frame.collect()
    val node = MetricsOf(frame, "TpInference")
    node("numOutputRows") shouldBe 20
    node("generatedTokens") shouldBe 40
    node("promptTokens") shouldBe (0 until 20).map(i => s"r$i".length).sum
    node("loadTime") shouldBe 250
    node("batchSize") should be > 0L
    node("failedRows") shouldBe 0
  }
}

object ReplicaSuite {
  /** Rows that tasks have read, by model: a task works with a copy of what its function refers to, but finds this. */
  private val rows = new ConcurrentHashMap[String, java.util.Set[Long]]

  def read(model: String, id: Long): Unit = rows.computeIfAbsent(model, _ => ConcurrentHashMap.newKeySet[Long]()).add(id)

  def rowsRead(model: String): Int = Option(rows.get(model)).fold(0)(_.size)
}
