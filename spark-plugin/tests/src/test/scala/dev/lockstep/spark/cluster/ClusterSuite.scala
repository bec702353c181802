package dev.lockstep.spark.cluster

import org.apache.spark.sql.DataFrame
import org.apache.spark.sql.functions._
import org.scalatest.time.{Millis, Seconds, Span}

import dev.lockstep.spark.SparkSuite
import dev.lockstep.spark.exec.FakeModel
import dev.lockstep.spark.functions.tpGenerate

/** A session for the whole suite whose executors are processes: two of two task slots each. */
trait ClusterSuite extends SparkSuite {
  implicit override val patienceConfig: PatienceConfig = PatienceConfig(Span(180, Seconds), Span(100, Millis))

  override protected def master: String = "local-cluster[2,2,1024]"
  override protected def settings: Map[String, String] = ClusterSettings.forExecutors

  protected lazy val executors = new Executors(spark)

  /** Rows 0 to count - 1 with prompts p0, p1 and so on. */
  protected def prompts(count: Int, partitions: Int = 4): DataFrame = Keyed.prompts(spark, count, partitions)

  protected def generated(rows: DataFrame, model: FakeModel, tp: Int): DataFrame =
    rows.withColumn("out", tpGenerate(col("prompt"), model.path, java.util.Map.of("tp", tp.toString)))
}
