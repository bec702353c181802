package dev.lockstep.spark

import java.nio.file.Files

import org.apache.spark.scheduler.{SparkListener, SparkListenerJobStart}
import org.apache.spark.sql.{DataFrame, SparkSession}
import org.scalatest.BeforeAndAfterAll
import org.scalatest.concurrent.Eventually
import org.scalatest.funsuite.AnyFunSuite
import org.scalatest.matchers.should.Matchers
import org.scalatest.time.{Millis, Seconds, Span}

import dev.lockstep.spark.exec.{FakeEngine, FakeModel}

/** A Spark session for the whole suite, whose model is a fake one. Nothing names the extension: it loads by itself. */
trait SparkSuite extends AnyFunSuite with Matchers with BeforeAndAfterAll with Eventually {
  implicit override val patienceConfig: PatienceConfig = PatienceConfig(Span(300, Seconds), Span(50, Millis))

  protected def master: String = "local[4]"
  protected def settings: Map[String, String] = Map.empty

  protected val model: FakeModel = FakeEngine.model()
  protected lazy val spark: SparkSession = {
    val builder = SparkSession.builder().master(master).appName(suiteName)
      .config("spark.ui.enabled", "false")
      .config("spark.sql.shuffle.partitions", "3")
      .config("spark.sql.warehouse.dir", Files.createTempDirectory("warehouse").toString)
      .config("spark.lockstep.model", model.path)
    settings.foreach { case (key, value) => builder.config(key, value) }
    builder.getOrCreate()
  }

  /** 20 rows in 3 partitions: id, prompt p0 to p19, lang 0 or 1, a wide column. */
  protected lazy val rows: DataFrame = {
    import org.apache.spark.sql.functions._
    spark.range(0, 20, 1, 3).select(
      col("id"), concat(lit("p"), col("id")).as("prompt"), (col("id") % 2).as("lang"), repeat(lit("z"), 50).as("wide"))
  }

  override protected def beforeAll(): Unit = {
    super.beforeAll()
    rows.createOrReplaceTempView("t")
  }

  override protected def afterAll(): Unit = try spark.stop() finally super.afterAll()

  protected def strings(frame: DataFrame): Seq[String] = frame.collect().toSeq.map(_.getString(0))
  protected def sql(text: String): DataFrame = spark.sql(text)

  /** The prompts that the body ran through the model, sorted. */
  protected def promptsOf(body: => Any): Seq[String] = {
    // Rows of an earlier query that nobody waits for any more may still run.
    eventually(model.leading.get shouldBe 0)
    model.forget()
    body
    model.prompts.sorted
  }

  protected def jobsOf(body: => Any): Int = {
    @volatile var jobs = 0
    val listener = new SparkListener {
      override def onJobStart(start: SparkListenerJobStart): Unit = jobs += 1
    }
    spark.sparkContext.addSparkListener(listener)
    try {
      body
      org.apache.spark.ListenerAccess.drain(spark.sparkContext)
      jobs
    } finally spark.sparkContext.removeSparkListener(listener)
  }

  protected def messageOf(body: => Any): String = {
    val thrown = intercept[Throwable](body)
    Iterator.iterate(thrown)(_.getCause).takeWhile(_ != null).map(_.toString).mkString("\ncaused by ")
  }

  protected def withConf[T](pairs: (String, String)*)(body: => T): T = {
    val before = pairs.map { case (key, _) => key -> spark.conf.getOption(key) }
    pairs.foreach { case (key, value) => spark.conf.set(key, value) }
    try body
    finally before.foreach { case (key, value) => value.fold(spark.conf.unset(key))(spark.conf.set(key, _)) }
  }
}
