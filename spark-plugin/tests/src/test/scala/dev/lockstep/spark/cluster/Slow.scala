package dev.lockstep.spark.cluster

import java.nio.file.{Files, Path}

import org.apache.spark.sql.DataFrame
import org.apache.spark.sql.functions._

import dev.lockstep.spark.exec.FakeRecord

/** A column whose computation takes its time and is recorded, so that something can happen meanwhile. */
final class Slow {
  private val folder = Files.createTempDirectory("slow").toString
  private val record = new FakeRecord(Path.of(folder))

  /** The rows, each of which takes so many milliseconds; the column is replaced by itself. */
  def rows(frame: DataFrame, column: String, millis: Long): DataFrame =
    frame.withColumn(column, Slow.passing(folder, millis)(col(column)))

  def done: Int = record.prompts.size
}

object Slow {
  private def passing(folder: String, millis: Long) = udf { text: String =>
    Thread.sleep(millis)
    new FakeRecord(Path.of(folder)).ran(text)
    text
  }.asNondeterministic()
}
