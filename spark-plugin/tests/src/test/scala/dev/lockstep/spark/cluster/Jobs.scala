package dev.lockstep.spark.cluster

import java.util.concurrent.TimeoutException

import scala.concurrent.{Await, ExecutionContext, Future}
import scala.concurrent.duration._

import org.apache.spark.sql.SparkSession

/** Jobs beside which something else happens. */
object Jobs {
  private implicit val context: ExecutionContext = ExecutionContext.global
  /** Bounds a hang, nothing else. */
  private val Patience = 4.minutes

  def started[T](body: => T): Future[T] = Future(body)

  /** The job's result or its error; a job that hangs is cancelled, so that others may follow. */
  def ended[T](spark: SparkSession, job: Future[T]): T =
    try Await.result(job, Patience)
    catch {
      case hang: TimeoutException =>
        spark.sparkContext.cancelAllJobs()
        throw new IllegalStateException(s"the job did not end within $Patience", hang)
    }

  def run[T](spark: SparkSession)(body: => T): T = ended(spark, started(body))

  /** A failure and what caused it, a line each. */
  def message(failure: Throwable): String =
    Iterator.iterate(failure)(_.getCause).takeWhile(_ != null).map(_.toString).mkString("\ncaused by ")
}
