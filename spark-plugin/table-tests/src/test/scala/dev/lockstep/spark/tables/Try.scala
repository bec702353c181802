package dev.lockstep.spark.tables

import dev.lockstep.spark.SparkSuite
import org.apache.spark.sql.SparkSession

object Try extends SparkSuite {
  override def master = sys.props.getOrElse("m", "local[2]")
  override def settings = Map(
    "spark.sql.extensions" -> "io.delta.sql.DeltaSparkSessionExtension,org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions",
    "spark.sql.catalog.spark_catalog" -> "org.apache.spark.sql.delta.catalog.DeltaCatalog",
    "spark.sql.catalog.ice" -> "org.apache.iceberg.spark.SparkCatalog",
    "spark.sql.catalog.ice.type" -> "hadoop",
    "spark.sql.catalog.ice.warehouse" -> java.nio.file.Files.createTempDirectory("ice").toString,
    "spark.lockstep.tp" -> sys.props.getOrElse("tp", "1"))
  def main(args: Array[String]): Unit = {
    rows.createOrReplaceTempView("t")
    for (statement <- new String(java.nio.file.Files.readAllBytes(java.nio.file.Path.of(args(0)))).split(";\\s*\n")) if (statement.trim.nonEmpty && !statement.startsWith("--")) {
      println("> " + statement.trim)
      model.forget()
      try {
        val f = spark.sql(statement)
        val r = f.collect()
        if (r.length < 25) println("  = " + r.map(_.toString.take(200)).mkString(" ")) else println("  " + r.length + " rows")
        if (sys.props.contains("plan")) println(f.queryExecution.toString)
      } catch { case e: Throwable =>
        Iterator.iterate(e)(_.getCause).takeWhile(_ != null).foreach(e => println("  ! " + e.toString.take(600)))
        if (sys.props.contains("trace")) e.printStackTrace(System.out)
      }
      if (model.prompts.nonEmpty) println("  prompts " + model.prompts.size + ": " + model.prompts.sorted.take(24).mkString(" "))
    }
    spark.stop()
  }
}
