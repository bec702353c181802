package dev.lockstep.spark.exec

import java.nio.file.{Files, Path}

import org.scalatest.funsuite.AnyFunSuite

import dev.lockstep.engine.{EngineOptions, MemoryPlanner, Reservation}

/** Real models of an executor that has room for some of them. */
class EngineMemorySuite extends AnyFunSuite {
  private val goldens = Seq("core", "../core", "../../core")
    .map(folder => Path.of(folder, "src/test/resources/goldens"))
    .find(Files.isDirectory(_))
    .get

  /** A tiny model's least: the reserve, and a few megabytes. */
  private val roomForOne = MemoryPlanner.engineReserve + (6L << 20)

  private val idleMillis = 600000L

  private def options(family: String): EngineOptions =
    new EngineOptions(goldens.resolve(family).toString, 1, "fp32", "cost", 1, roomForOne, 64, 16)

  private def acquire(cache: EngineCache, family: String): SharedEngine =
    cache.acquire(
      classOf[SharedEngine],
      EngineKey.of(options(family)),
      null,
      5,
      (key: EngineKey) => new SharedEngine(key, options(family), cache.memory))

  /** Loads it; there are no rows. */
  private def lead(engine: SharedEngine): Option[Throwable] = {
    val leader = engine.leader
    leader.queue.finish()
    assert(leader.join(idleMillis))
    Option(leader.failure)
  }

  test("a model that is not used makes room for one that is") {
    val cache = new EngineCache(() => 2 * roomForOne)
    val first = acquire(cache, "llama")
    assert(lead(first).isEmpty)
    val second = acquire(cache, "gpt2")
    assert(lead(second).isEmpty)
    assert(cache.memory.held <= 2 * roomForOne)
    cache.release(second, 5, idleMillis)
    cache.release(first, 5, idleMillis)
    val third = acquire(cache, "opt")
    assert(lead(third).isEmpty)
    assert(cache.size == 2, "the one that was unused for the longest time is gone")
    assert(!second.usable && first.usable)
    assert(cache.memory.held <= 2 * roomForOne)
    cache.release(third, 0, idleMillis)
  }

  test("a model for which those in use leave nothing is refused, and they go on") {
    val cache = new EngineCache(() => roomForOne)
    val first = acquire(cache, "llama")
    assert(lead(first).isEmpty)
    val held = cache.memory.held
    val second = acquire(cache, "gpt2")
    val refusal = lead(second).get
    assert(refusal.getMessage.contains("cannot hold the model"))
    assert(refusal.getMessage.contains(options("llama").model))
    assert(refusal.getMessage.contains("spark.executor.memoryOverhead"))
    assert(cache.memory.held == held)
    assert(first.usable && !second.usable)
    cache.release(second, 5, idleMillis)
    cache.release(first, 0, idleMillis)
  }

  /** Takes its time to give back what it holds. */
  private final class SlowToClose(key: EngineKey, held: Reservation) extends CachedEngine(key) {
    override def tasksOfLease: Int = 1
    override def usable: Boolean = true
    override def onIdle(): Unit = ()
    override def awaitQuiescent(millis: Long): Boolean = true
    override def close(): Unit = {
      Thread.sleep(500)
      held.close()
    }
  }

  test("what is being closed is waited for") {
    val cache = new EngineCache(() => roomForOne)
    val first = cache.acquire(
      classOf[SlowToClose],
      EngineKey.of(options("llama")),
      null,
      1,
      (key: EngineKey) => new SlowToClose(key, cache.memory.reserve(options("llama"))))
    cache.release(first, 0, idleMillis)
    val second = acquire(cache, "gpt2")
    assert(lead(second).isEmpty)
    cache.release(second, 0, idleMillis)
  }
}
