package dev.lockstep.spark.cluster

import org.apache.spark.sql.{DataFrame, SparkSession}
import org.apache.spark.sql.functions._
import org.scalatest.BeforeAndAfterAll
import org.scalatest.concurrent.Eventually
import org.scalatest.funsuite.AnyFunSuite
import org.scalatest.matchers.should.Matchers
import org.scalatest.time.{Millis, Seconds, Span}

import dev.lockstep.spark.exec.FakeModel
import dev.lockstep.spark.functions.tpGenerate

/** Each test has a Standalone cluster and a session of its own. */
trait StandaloneSuite extends AnyFunSuite with Matchers with BeforeAndAfterAll with Eventually {
  implicit override val patienceConfig: PatienceConfig = PatienceConfig(Span(180, Seconds), Span(100, Millis))

  protected def withCluster[T](body: StandaloneCluster => T): T = {
    val cluster = new StandaloneCluster
    try body(cluster) finally cluster.close()
  }

  protected def withSession[T](cluster: StandaloneCluster, settings: (String, String)*)(body: SparkSession => T): T = {
    val builder = SparkSession.builder().master(cluster.url).appName(suiteName)
    (ClusterSettings.forExecutors ++ settings).foreach { case (key, value) => builder.config(key, value) }
    val session = builder.getOrCreate()
    try body(session) finally session.stop()
  }

  protected def generated(rows: DataFrame, model: FakeModel, tp: Int): DataFrame =
    rows.withColumn("out", tpGenerate(col("prompt"), model.path, java.util.Map.of("tp", tp.toString)))
}
