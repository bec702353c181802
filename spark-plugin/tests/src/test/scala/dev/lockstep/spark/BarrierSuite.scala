package dev.lockstep.spark

import scala.concurrent.{Await, Future}
import scala.concurrent.ExecutionContext.Implicits.global
import scala.concurrent.duration._

import org.apache.spark.scheduler.{SparkListener, SparkListenerStageSubmitted}
import org.apache.spark.sql.DataFrame
import org.apache.spark.sql.functions._

import dev.lockstep.collective.MeshException
import dev.lockstep.spark.exec.{FakeEngine, FakeModel}
import dev.lockstep.spark.functions.tpGenerate

/** A model split over ranks: the barrier stage between two shuffles. */
class BarrierSuite extends SparkSuite {
  override protected def settings: Map[String, String] =
    Map("spark.lockstep.tp" -> "2", "spark.lockstep.groupsPerExecutor" -> "2")

  private val generate = tpGenerate(col("prompt"))
  private def out: DataFrame = rows.withColumn("out", generate)
  private def of(fresh: FakeModel): DataFrame =
    rows.select(tpGenerate(col("prompt"), fresh.path).as("out"))

  /** Attempts at the barrier stage of the body's jobs that had the most of them. */
  private def barrierAttempts(body: => Any): Int = {
    @volatile var attempts = 0
    val listener = new SparkListener {
      override def onStageSubmitted(submitted: SparkListenerStageSubmitted): Unit =
        if (submitted.stageInfo.rddInfos.exists(_.isBarrier)) {
          attempts = math.max(attempts, submitted.stageInfo.attemptNumber() + 1)
        }
    }
    spark.sparkContext.addSparkListener(listener)
    try {
      body
      org.apache.spark.ListenerAccess.drain(spark.sparkContext)
      attempts
    } finally spark.sparkContext.removeSparkListener(listener)
  }

  test("rows come back in their order and partitions, from two groups of two ranks") {
    val fresh = FakeEngine.model()
    val frame = rows.withColumn("out", tpGenerate(col("prompt"), fresh.path))
    frame.rdd.getNumPartitions shouldBe 3
    val collected = frame.collect()
    collected.map(_.getAs[String]("out")).toSeq shouldBe (0 until 20).map(i => s"gen:p$i")
    collected.map(_.getAs[Long]("id")).toSeq shouldBe (0 until 20)
    collected.map(_.getAs[String]("wide")).toSet shouldBe Set("z" * 50)
    fresh.opened.get shouldBe 4
  }

  test("ranks stay loaded between jobs") {
    val fresh = FakeEngine.model()
    of(fresh).collect() should have length 20
    of(fresh).collect() should have length 20
    fresh.opened.get shouldBe 4
  }

  test("show, take, first, tail, limits, iterators, count, empty, null prompts") {
    out.show(3)
    out.take(2).map(_.getAs[String]("out")) shouldBe Array("gen:p0", "gen:p1")
    out.first().getAs[String]("out") shouldBe "gen:p0"
    out.tail(2).map(_.getAs[String]("out")) shouldBe Array("gen:p18", "gen:p19")
    promptsOf(out.limit(2).collect() should have length 2) shouldBe Seq("p0", "p1")
    promptsOf(out.count() shouldBe 20) shouldBe empty
    rows.filter("id > 100").withColumn("out", generate).collect() shouldBe empty
    spark.emptyDataFrame.withColumn("out", tpGenerate(lit("x"))).collect() shouldBe empty
    sql("select tp_generate(cast(null as string))").first().isNullAt(0) shouldBe true
    val iterator = out.toLocalIterator()
    Iterator.continually(iterator).takeWhile(_.hasNext).map(_.next().getAs[String]("out")).toSeq shouldBe
      (0 until 20).map(i => s"gen:p$i")
    out.toJavaRDD.take(1).get(0).getAs[String]("out") shouldBe "gen:p0"
  }

  test("later reads of one frame reuse the shuffle; sorting by the result infers once") {
    promptsOf(out.orderBy(col("out").desc).first().getAs[String]("out") shouldBe "gen:p9") should have length 20
    withConf("spark.sql.adaptive.enabled" -> "false") {
      promptsOf(out.orderBy("out").collect() should have length 20) should have length 20
    }
  }

  test("sorted child, nested calls, joins, aggregates, common table expressions") {
    rows.orderBy(col("id").desc).withColumn("out", generate).first().getAs[String]("out") shouldBe "gen:p19"
    strings(sql("select tp_generate(concat('a', tp_generate(prompt))) from t where id = 5")) shouldBe Seq("gen:agen:p5")
    strings(sql("select max(tp_generate(prompt)) from t group by lang order by 1")) shouldBe Seq("gen:p8", "gen:p9")
    promptsOf(sql("with g as (select id, tp_generate(prompt) o from t where id < 3)" +
      " select a.o from g a join g b on a.id = b.id").collect() should have length 3) shouldBe Seq("p0", "p1", "p2")
  }

  test("more rows than the window, unevenly spread") {
    val fresh = FakeEngine.model()
    withConf("spark.lockstep.rowsInFlight" -> "5") {
      val many = spark.range(0, 500, 1, 7).filter("id < 60 or id > 400").select(
        col("id"), tpGenerate(concat(lit("m"), col("id")), fresh.path).as("out"))
      val collected = many.collect()
      collected.map(row => s"gen:m${row.getLong(0)}") shouldBe collected.map(_.getString(1))
      collected.map(_.getLong(0)).toSeq shouldBe ((0L until 60L) ++ (401L until 500L))
    }
  }

  test("a bad row fails the job with its cause after exactly one barrier attempt, whatever is read") {
    val fresh = FakeEngine.model()
    val bad = rows.withColumn("out",
      tpGenerate(when(col("id") === 19, "bad row").otherwise(col("prompt")), fresh.path))
    barrierAttempts {
      messageOf(bad.collect()) should include("this row is bad; the prompt is 'bad row'")
    } shouldBe 1
    barrierAttempts {
      messageOf(bad.filter("out is not null").first()) should include("this row is bad")
    } shouldBe 1
    of(fresh).collect() should have length 20
  }

  test("a bad row ends the other groups early") {
    val fresh = FakeEngine.model()
    fresh.capacity = 1
    fresh.stepMillis = 20
    val bad = spark.range(0, 4000, 1, 1).select(
      tpGenerate(when(col("id") === 0, "bad row").otherwise(col("id").cast("string")), fresh.path))
    messageOf(bad.collect()) should include("this row is bad; the prompt is 'bad row'")
    eventually(fresh.leading.get shouldBe 0)
    fresh.prompts.size should be < 2000
  }

  test("failOnError => false: errors are rows") {
    val frame = sql("select tp_generate(if(id = 3, 'bad row', prompt), failOnError => false) o from t")
    frame.select("o.errorMessage").collect().count(_.getString(0) == "this row is bad") shouldBe 1
    frame.select("o.result").collect().count(!_.isNullAt(0)) shouldBe 19
  }

  for (rank <- Seq(0, 1)) {
    test(s"rank $rank throws in a step: the job fails with its cause, long before groupTimeout, after one attempt") {
      val fresh = FakeEngine.model()
      fresh.onStep = (at, step) => if (at == rank && step == 2) throw new IllegalStateException(s"rank $rank is ill")
      val start = System.nanoTime()
      barrierAttempts {
        messageOf(of(fresh).collect()) should include(s"rank $rank is ill")
      } shouldBe 1
      (System.nanoTime() - start).nanos should be < 300.seconds
      fresh.onStep = (_, _) => ()
      of(fresh).collect() should have length 20
    }

    test(s"rank $rank throws while it loads: the same") {
      val fresh = FakeEngine.model()
      fresh.onOpen = at => if (at == rank) throw new IllegalStateException(s"rank $rank has no memory")
      barrierAttempts {
        messageOf(of(fresh).collect()) should include(s"rank $rank has no memory")
      } shouldBe 1
      fresh.onOpen = _ => ()
      of(fresh).collect() should have length 20
    }
  }

  test("a broken collective fails the barrier attempt, and the next one gives the right rows") {
    val fresh = FakeEngine.model()
    val failures = new java.util.concurrent.atomic.AtomicInteger
    fresh.onStep = (at, step) =>
      if (at == 1 && step == 1 && failures.getAndIncrement() == 0) throw new MeshException("the other end is gone", null)
    barrierAttempts {
      strings(of(fresh)) shouldBe (0 until 20).map(i => s"gen:p$i")
    } shouldBe 2
  }

  test("a cancelled job ends on all ranks") {
    val fresh = FakeEngine.model()
    fresh.stepMillis = 50
    fresh.capacity = 1
    val job = Future {
      spark.sparkContext.setJobGroup("cancelled", "cancelled")
      of(fresh).collect()
    }
    eventually(fresh.prompts.size should be > 2)
    spark.sparkContext.cancelJobGroup("cancelled")
    intercept[Exception](Await.result(job, 300.seconds))
    eventually(fresh.leading.get shouldBe 0)
    fresh.cancellations.get should be >= 1
    fresh.stepMillis = 0
    of(fresh).collect() should have length 20
  }

  /** The body while ordinary tasks of another job hold so many of the four slots. */
  private def withBusySlots(count: Int)(body: => Any): Unit = {
    import spark.implicits._
    val hog = Future {
      spark.sparkContext.setJobGroup("hog", "hog", interruptOnCancel = true)
      spark.range(0, count, 1, count).map { id => Thread.sleep(600000); id.longValue }.count()
    }
    // A stage is active before its task holds a slot.
    val tracker = spark.sparkContext.statusTracker
    eventually {
      val stages = tracker.getJobIdsForGroup("hog").flatMap(tracker.getJobInfo(_)).flatMap(_.stageIds)
      stages.flatMap(tracker.getStageInfo(_)).map(_.numActiveTasks()).sum shouldBe count
    }
    try body
    finally {
      spark.sparkContext.cancelJobGroup("hog")
      intercept[Exception](Await.result(hog, 120.seconds))
    }
  }

  test("slots that others hold: what is free suffices") {
    withBusySlots(1)(out.collect() should have length 20)
    withBusySlots(2)(out.collect() should have length 20)
  }

  test("waiting for busy slots is given up after spark.lockstep.waitTimeout, and says who holds them") {
    withBusySlots(3) {
      withConf("spark.lockstep.waitTimeout" -> "2s") {
        val message = messageOf(out.collect())
        message should include("tp = 2 needs 2 free task slots at the same time, but within 2 s (spark.lockstep.waitTimeout)")
        message should include("other jobs hold them (1 of 4 task slots are free)")
      }
    }
    out.collect() should have length 20
  }

  test("a group that runs alone for a while does the work of all") {
    withBusySlots(2) {
      withConf("spark.lockstep.maxRanks" -> "2")(out.collect() should have length 20)
    }
  }

  test("frames that are only looked at leave no listeners behind") {
    val before = org.apache.spark.ListenerAccess.count(spark.sparkContext)
    (1 to 20).foreach { _ =>
      out.rdd.getNumPartitions shouldBe 3
      out.coalesce(1).rdd.getNumPartitions shouldBe 1
    }
    out.collect() should have length 20
    org.apache.spark.ListenerAccess.drain(spark.sparkContext)
    org.apache.spark.ListenerAccess.count(spark.sparkContext) shouldBe before
  }

  test("EXPLAIN says what a split model costs, and metrics are counted") {
    out.queryExecution.toString should include("nothing comes out before the last row is done")
    val frame = of(FakeEngine.model())
    frame.collect()
    val node = MetricsOf(frame, "TpInference")
    node("numOutputRows") shouldBe 20
    node("generatedTokens") shouldBe 40
    node("loadTime") shouldBe 500
  }
}
