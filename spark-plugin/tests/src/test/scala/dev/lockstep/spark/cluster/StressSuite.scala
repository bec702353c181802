package dev.lockstep.spark.cluster

import java.nio.file.Files

import scala.util.{Failure, Random, Success, Try}

import org.apache.spark.sql.DataFrame
import org.apache.spark.storage.StorageLevel

import dev.lockstep.spark.exec.FakeEngine

/**
 * Jobs of random shapes at tp = 2, each with an executor killed at a random moment: every key comes out once, or the job
 * fails with an error that says why. -Dstress.jobs=50 runs more of them, -Dstress.seed=7 others.
 */
class StressSuite extends ClusterSuite {
  private val jobs = Integer.getInteger("lockstep.stress.jobs", 4)
  private val seed = Integer.getInteger("lockstep.stress.seed", 1)

  private sealed trait Outcome
  private case object Whole extends Outcome
  private final case class Failed(message: String) extends Outcome
  private final case class Wrong(problems: Seq[String]) extends Outcome

  private type Shape = (DataFrame, Int) => Seq[String]
  private val shapes: Seq[(String, Shape)] = Seq(
    "collected" -> ((frame, count) => Keyed.problems(frame, count)),
    "collected twice" -> { (frame, count) =>
      val rows = frame.rdd
      Keyed.problems(rows, count) ++ Keyed.problems(rows, count)
    },
    "cached" -> { (frame, count) =>
      val cached = frame.persist(StorageLevel.MEMORY_AND_DISK)
      try {
        cached.count()
        Keyed.problems(cached, count)
      } finally cached.unpersist()
    },
    "written" -> { (frame, count) =>
      val folder = Files.createTempDirectory("stress").resolve("out").toString
      frame.write.parquet(folder)
      Keyed.problems(frame.sparkSession.read.parquet(folder), count)
    })

  /** Cached partitions that are lost cannot be made good from rows that move: Spark's own limit. */
  private val children: Seq[(String, DataFrame => DataFrame)] = Seq(
    "plain rows" -> (rows => rows),
    "rows behind a shuffle" -> (rows => Keyed.anyOrder(rows)),
    "rows that move" -> (rows => Keyed.anyPlace(rows)))

  private def job(number: Int, random: Random): Outcome = {
    val count = 1000 + random.nextInt(2000)
    val (shapeName, shape) = shapes(random.nextInt(shapes.size))
    val (childName, child) = children(random.nextInt(if (shapeName == "cached") 2 else 3))
    val moment = random.nextInt(4000)
    val victim = random.nextInt(2)
    val all = executors.await(2)
    val rows = child(prompts(count, partitions = 1 + random.nextInt(9)))
    val slow = new Slow().rows(rows, "prompt", millis = random.nextInt(3))
    val model = FakeEngine.shared(stepMillis = random.nextInt(20), capacity = 16)
    val running = Jobs.started(shape(generated(slow, model, tp = 2), count))
    Thread.sleep(moment)
    val when = if (running.isCompleted) "after its end" else s"after $moment ms"
    all(victim).kill9()
    val outcome = Try(Jobs.ended(spark, running)) match {
      case Success(Nil) => Whole
      case Success(problems) => Wrong(problems)
      case Failure(failure) => Failed(Jobs.message(failure))
    }
    println(s"stress job $number: $count $childName, $shapeName, executor $victim killed $when: " + outcome.toString.take(300))
    outcome
  }

  test(s"$jobs jobs, seed $seed") {
    val seeds = new Random(seed)
    val outcomes = (0 until jobs).map(number => job(number, new Random(seeds.nextLong())))
    val errors = outcomes.collect { case Failed(message) => message.linesIterator.next().take(160) }
    println(s"stress: $jobs jobs, ${outcomes.count(_ == Whole)} right, ${errors.size} failed with an error, " +
      s"${outcomes.count(_.isInstanceOf[Wrong])} with rows lost or repeated")
    errors.groupBy(identity).foreach { case (message, times) => println(s"stress: ${times.size} x $message") }
    outcomes.collect { case Wrong(problems) => problems } shouldBe empty
    outcomes.collect { case Failed(message) => message }.filterNot(clear) shouldBe empty
  }

  /** Whether it speaks of what happened and not only of how Spark or the plugin took it. */
  private def clear(message: String): Boolean =
    "tp_generate|spark\\.lockstep|[Ee]xecutor|checkpoint".r.findFirstIn(message).isDefined &&
      "NullPointer|OutOfBounds|ClassCast|MatchError|did not end".r.findFirstIn(message).isEmpty
}
