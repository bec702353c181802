package dev.lockstep.spark.cluster

import scala.util.Random

import org.apache.spark.rdd.RDD
import org.apache.spark.sql.{DataFrame, Row, SparkSession}
import org.apache.spark.sql.functions._

/** Rows with a key each, and what may have become of them. */
object Keyed {
  /** Rows 0 to count - 1: id, and prompt p0, p1 and so on. */
  def prompts(spark: SparkSession, count: Int, partitions: Int): DataFrame =
    spark.range(0, count, 1, partitions).select(col("id"), concat(lit("p"), col("id")).as("prompt"))

  /** The rows behind a shuffle, in another order whenever they are computed: all that Spark promises of a shuffle. */
  def anyOrder(rows: DataFrame): DataFrame = {
    val shuffled = rows.repartition(7).rdd.mapPartitions(part => Random.shuffle(part.toSeq).iterator)
    rows.sparkSession.createDataFrame(shuffled, rows.schema)
  }

  /** The rows dealt out by their places in such an order: in other partitions too whenever they are computed. */
  def anyPlace(rows: DataFrame): DataFrame =
    rows.sparkSession.createDataFrame(anyOrder(rows).rdd.repartition(6), rows.schema)

  /** What is wrong with rows of columns id and out; empty when each key is there once, with its own text. */
  def problems(rows: DataFrame, count: Int): Seq[String] = problems(rows.select("id", "out").collect().toSeq, count)

  def problems(rows: RDD[Row], count: Int): Seq[String] = problems(rows.collect().toSeq, count)

  def problems(rows: Seq[Row], count: Int): Seq[String] = {
    val times = rows.groupBy(_.getAs[Long]("id")).view.mapValues(_.size).toMap
    val missing = (0L until count).filterNot(times.contains)
    val foreign = times.keys.filterNot(id => 0 <= id && id < count).toSeq
    val repeated = times.filter(_._2 > 1).keys.toSeq
    val wrong = rows.filter(row => row.getAs[String]("out") != s"gen:p${row.getAs[Long]("id")}").map(_.getAs[Long]("id"))
    Seq("missing" -> missing, "unknown" -> foreign, "more than once" -> repeated, "with a wrong text" -> wrong).collect {
      case (what, ids) if ids.nonEmpty => s"${ids.size} of $count keys $what: ${ids.sorted.take(5).mkString(", ")} ..."
    }
  }
}
