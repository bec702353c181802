package dev.lockstep.spark.exec

import java.nio.file.{Files, Path}
import java.util.concurrent.{ConcurrentHashMap, ConcurrentLinkedQueue}
import java.util.concurrent.atomic.{AtomicInteger, AtomicLong}

import scala.jdk.CollectionConverters._

/**
 * A model of the tests: a folder with a file in it, and what its engine shall do and has done. The engine answers
 * "gen:" + prompt and uses its mesh as a real one does: a broadcast and a barrier each step.
 */
final class FakeModel(val folder: Path) {
  /** Called by a rank when it opens, with its number. */
  @volatile var onOpen: Int => Unit = _ => ()
  /** Called by a rank before each step, with its number and the step's. */
  @volatile var onStep: (Int, Long) => Unit = (_, _) => ()
  /** Milliseconds of a step. */
  @volatile var stepMillis: Long = 0
  /** Whether it has a chat template. */
  @volatile var chats: Boolean = true
  /** Rows the leader runs at a time. */
  @volatile var capacity: Int = 8

  val opened = new AtomicInteger
  val closed = new AtomicInteger
  val largestBatch = new AtomicInteger
  val steps = new AtomicLong
  val leading = new AtomicInteger
  val cancellations = new AtomicInteger
  private val seen = new ConcurrentLinkedQueue[String]

  def path: String = folder.toString
  def saw(prompt: String): Unit = seen.add(prompt)
  /** Every prompt that was run, in order. */
  def prompts: Seq[String] = seen.asScala.toSeq
  def forget(): Unit = seen.clear()
}

object FakeEngine {
  private val models = new ConcurrentHashMap[String, FakeModel]

  def model(): FakeModel = {
    val folder = Files.createTempDirectory("fake-model")
    Files.writeString(folder.resolve("config.json"), "{}")
    val model = new FakeModel(folder)
    models.put(model.path, model)
    model
  }

  def find(path: String): Option[FakeModel] = Option(models.get(path))
}
