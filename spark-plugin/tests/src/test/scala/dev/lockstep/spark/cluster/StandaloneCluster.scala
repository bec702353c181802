package dev.lockstep.spark.cluster

import java.nio.file.{Files, Path}

import scala.collection.mutable
import scala.jdk.CollectionConverters._

import org.scalatest.concurrent.Eventually
import org.scalatest.time.{Millis, Seconds, Span}

/** A worker's process; its executors are its children. */
final class StandaloneWorker(process: Process) {
  /** `kill -9` of the worker and of its executors: a host that is gone. */
  def kill9(): Unit = {
    val all = process.toHandle +: process.descendants.iterator.asScala.toSeq
    all.foreach(_.destroyForcibly())
  }
}

/** A Standalone cluster on the loopback interface, whose master and workers are processes. */
final class StandaloneCluster extends AutoCloseable with Eventually {
  implicit override val patienceConfig: PatienceConfig = PatienceConfig(Span(120, Seconds), Span(100, Millis))
  private val folder = Files.createTempDirectory(Files.createDirectories(ClusterSettings.home.resolve("standalone")), "run")
  private val workers = mutable.Buffer.empty[StandaloneWorker]
  private val master = start("master", Seq("org.apache.spark.deploy.master.Master"), Nil, Nil)

  /** spark://host:port, as the master says in its log. */
  val url: String = {
    val line = "Starting Spark master at (spark://\\S+)".r
    try eventually(line.findFirstMatchIn(Files.readString(log("master"))).get.group(1))
    catch {
      case failure: Throwable =>
        close()
        throw new IllegalStateException(s"the master did not start, see ${log("master")}", failure)
    }
  }

  /**
   * Starts a worker; it registers by itself.
   *
   * @param cores what its executors may use
   * @param options of the worker's JVM; -Dspark.local.dir=... says where executors write
   * @param prefix a command that runs the command behind it
   */
  def worker(cores: Int, options: Seq[String] = Nil, prefix: Seq[String] = Nil): StandaloneWorker = {
    val name = s"worker-${workers.size}"
    val arguments = Seq("org.apache.spark.deploy.worker.Worker",
      "--cores", cores.toString, "--memory", "1g", "--work-dir", folder.resolve(name).toString, url)
    workers += new StandaloneWorker(start(name, arguments, options, prefix))
    workers.last
  }

  private def log(name: String): Path = folder.resolve(s"$name.log")

  private def start(name: String, main: Seq[String], options: Seq[String], prefix: Seq[String]): Process = {
    val java = Path.of(System.getProperty("java.home"), "bin", "java").toString
    val command = prefix ++ Seq(java, "-Xmx256m", "-Dspark.master.rest.enabled=false", ClusterSettings.logging) ++
      ClusterSettings.light ++ ClusterSettings.modules ++ options ++
      Seq("-cp", ClusterSettings.classPath, "dev.lockstep.spark.cluster.ClusterProcess") ++ main ++
      Seq("--host", "127.0.0.1", "--port", "0", "--webui-port", "0")
    new ProcessBuilder(command: _*).redirectErrorStream(true).redirectOutput(log(name).toFile).start()
  }

  override def close(): Unit = {
    workers.foreach(_.kill9())
    master.destroyForcibly()
  }
}
