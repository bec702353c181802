package dev.lockstep.spark.cluster

import scala.collection.concurrent.TrieMap

import org.apache.spark.{ClusterAccess, SparkEnv}
import org.apache.spark.sql.SparkSession
import org.scalatest.concurrent.Eventually
import org.scalatest.matchers.should.Matchers
import org.scalatest.time.{Millis, Seconds, Span}

/** An executor: its process and its task slots. */
final case class Executor(id: String, pid: Long, cores: Int) {
  /** What `kill -9` does. Returns at once; the driver hears of it by itself. */
  def kill9(): Unit = ProcessHandle.of(pid).ifPresent(process => process.destroyForcibly(): Unit)
}

/** The executors of a session, each a process of its own. */
final class Executors(spark: SparkSession) extends Eventually with Matchers {
  implicit override val patienceConfig: PatienceConfig = PatienceConfig(Span(180, Seconds), Span(100, Millis))
  private val pids = TrieMap.empty[String, Long]

  /** Waits until exactly so many executors are there, and asks those that are new for their processes. */
  def await(count: Int): Seq[Executor] = eventually {
    val cores = ClusterAccess.executors(spark.sparkContext)
    cores should have size count
    if (!cores.keys.forall(pids.contains)) pids ++= Executors.ask(spark, 4 * cores.values.sum)
    cores.toSeq.sortBy(_._1.toInt).map { case (id, slots) => Executor(id, pids(id), slots) }
  }

  /** Kills, and waits until the driver has noticed and forgotten the outputs that were there. */
  def lose(executors: Executor*): Unit = {
    executors.foreach(_.kill9())
    eventually(ClusterAccess.executors(spark.sparkContext).keySet.intersect(executors.map(_.id).toSet) shouldBe empty)
  }
}

object Executors {
  /** Tasks that take a moment, so that all executors get some. */
  private def ask(spark: SparkSession, tasks: Int): Map[String, Long] =
    spark.sparkContext.parallelize(1 to tasks, tasks).map { _ =>
      Thread.sleep(50)
      SparkEnv.get.executorId -> ProcessHandle.current.pid
    }.collect().toMap
}
