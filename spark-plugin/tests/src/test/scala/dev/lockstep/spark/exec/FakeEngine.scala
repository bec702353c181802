package dev.lockstep.spark.exec

import java.nio.file.{Files, Path}
import java.util.Properties
import java.util.concurrent.{ConcurrentHashMap, ConcurrentLinkedQueue}
import java.util.concurrent.atomic.{AtomicInteger, AtomicLong}

import scala.jdk.CollectionConverters._
import scala.util.Using

/**
 * A model of the tests: a folder with a file in it, and what its engine shall do and has done. The engine answers
 * "gen:" + prompt and uses its mesh as a real one does: a broadcast and a barrier each step.
 *
 * @param record what executors in other JVMs have done, for a model that they share
 */
final class FakeModel(val folder: Path, record: Option[FakeRecord] = None) {
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
  def opens(rank: Int): Unit = {
    opened.incrementAndGet()
    record.foreach(_.opened(rank))
    onOpen(rank)
  }
  def saw(prompt: String): Unit = record.fold[Unit](seen.add(prompt))(_.ran(prompt))
  /** Every prompt that was run, in order; of a shared model, in the order of each JVM. */
  def prompts: Seq[String] = record.fold(seen.asScala.toSeq)(_.prompts)
  def forget(): Unit = {
    require(record.isEmpty, "what other JVMs have run is not forgotten: take a fresh model")
    seen.clear()
  }
}

object FakeEngine {
  private val SharedFile = "fake.properties"
  private val models = new ConcurrentHashMap[String, FakeModel]

  def model(): FakeModel = {
    val folder = Files.createTempDirectory("fake-model")
    Files.writeString(folder.resolve("config.json"), "{}")
    val model = new FakeModel(folder)
    models.put(model.path, model)
    model
  }

  /**
   * A model that executors in other JVMs find too, by its folder alone.
   *
   * @param stepMillis milliseconds of a step; a row takes two steps
   * @param capacity rows the leader runs at a time
   */
  def shared(stepMillis: Long = 0, capacity: Int = 256): FakeModel = {
    val folder = Files.createDirectory(Files.createTempDirectory("fake-model").resolve("model"))
    val properties = new Properties
    properties.setProperty("stepMillis", stepMillis.toString)
    properties.setProperty("capacity", capacity.toString)
    Using.resource(Files.newOutputStream(folder.resolve(SharedFile)))(properties.store(_, null))
    Files.writeString(folder.resolve("config.json"), "{}")
    find(folder.toString).get
  }

  def find(path: String): Option[FakeModel] =
    if (Files.exists(Path.of(path, SharedFile))) Some(models.computeIfAbsent(path, _ => load(Path.of(path))))
    else Option(models.get(path))

  private def load(folder: Path): FakeModel = {
    val properties = new Properties
    Using.resource(Files.newInputStream(folder.resolve(SharedFile)))(properties.load)
    // Beside the model: an engine is loaded anew when its checkpoint's folder changes.
    val model = new FakeModel(folder, Some(new FakeRecord(folder.resolveSibling("record"))))
    model.stepMillis = properties.getProperty("stepMillis").toLong
    model.capacity = properties.getProperty("capacity").toInt
    model
  }
}
