package dev.lockstep.spark.cluster

import java.lang.management.ManagementFactory
import java.nio.file.{Files, Path}

import scala.jdk.CollectionConverters._

/** What lets Spark start workers and executors from this JVM's class path, without an installation. */
object ClusterSettings {
  /** Where workers keep executors' folders, with their logs. */
  lazy val home: Path = {
    val folder = Option(System.getenv("SPARK_HOME")).map(Path.of(_)).getOrElse(throw new IllegalStateException(
      "SPARK_HOME is not set: run cluster suites by Maven, which sets it to an empty folder (spark-plugin/tests/pom.xml)"))
    Files.createDirectories(folder.resolve("jars"))
    folder
  }

  val classPath: String = System.getProperty("java.class.path")
  /** This JVM's access to Java's own modules. */
  val modules: Seq[String] =
    ManagementFactory.getRuntimeMXBean.getInputArguments.asScala.toSeq.filter(_.startsWith("--add-"))
  /** Small, and soon started. */
  val light: Seq[String] = Seq("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
  val logging: String = "-Dlog4j2.configurationFile=classpath:log4j2-cluster.properties"

  /** Of the session. Retries are cut short where only a dead executor can be on the other end. */
  def forExecutors: Map[String, String] = {
    require(Files.isDirectory(home))
    Map(
      "spark.driver.host" -> "127.0.0.1",
      "spark.driver.bindAddress" -> "127.0.0.1",
      "spark.executor.memory" -> "600m",
      "spark.executor.extraClassPath" -> classPath,
      // The Vector API is slower than scalar code by far where only the first compiler runs.
      "spark.executor.extraJavaOptions" -> ("-Dlockstep.cpu.scalar=true" +: logging +: light).mkString(" "),
      "spark.shuffle.io.maxRetries" -> "1",
      "spark.shuffle.io.retryWait" -> "1s",
      // A barrier stage without its slots is looked at again so often, while executors start.
      "spark.scheduler.barrier.maxConcurrentTasksCheck.interval" -> "1s",
      "spark.scheduler.barrier.maxConcurrentTasksCheck.maxFailures" -> "300",
      // A worker starts a new executor as often as tests kill one.
      "spark.deploy.maxExecutorRetries" -> "-1",
      "spark.scheduler.maxRegisteredResourcesWaitingTime" -> "120s",
      "spark.ui.enabled" -> "false",
      "spark.sql.shuffle.partitions" -> "4")
  }
}
