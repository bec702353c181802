package dev.lockstep.spark.exec

import java.util.concurrent.CancellationException
import java.util.function.BooleanSupplier

import scala.collection.mutable
import scala.jdk.CollectionConverters._

import dev.lockstep.checkpoint.CheckpointException
import dev.lockstep.collective.Mesh
import dev.lockstep.engine.{EngineOptions, Rank, RankStats}
import dev.lockstep.generate.{Completion, CompletionSink, Request, RequestSource}

final class FakeRankFactory extends RankFactory {
  override def handles(model: String): Boolean = model.contains("fake")

  override def check(options: EngineOptions): Unit =
    if (FakeEngine.find(options.model).isEmpty) {
      throw new CheckpointException(s"${options.model} is no folder with a config.json")
    }

  override def checkChat(options: EngineOptions): Unit =
    if (!FakeEngine.find(options.model).get.chats) {
      throw new IllegalArgumentException(s"${options.model} has no chat template")
    }

  override def open(options: EngineOptions, mesh: Mesh): Rank = {
    val model = FakeEngine.find(options.model).get
    model.opens(mesh.rank)
    mesh.barrier()
    new FakeRank(model, mesh)
  }
}

final class FakeRank(model: FakeModel, mesh: Mesh) extends Rank {
  private var steps = 0L
  private var generated = 0L
  private var promptTokens = 0L

  override def rank: Int = mesh.rank

  override def lead(source: RequestSource, sink: CompletionSink, cancelled: BooleanSupplier): Unit = {
    val active = mutable.LinkedHashMap.empty[Request, Int]
    var running = true
    model.leading.incrementAndGet()
    try {
      while (running) {
        if (cancelled.getAsBoolean) {
          mesh.broadcast(Array(0))
          model.cancellations.incrementAndGet()
          throw new CancellationException("cancelled")
        }
        var next = source.poll()
        while (next != null) {
          active(next) = 0
          next = if (active.size < model.capacity) source.poll() else null
        }
        if (active.nonEmpty) {
          step(active, sink)
        } else if (source.exhausted) {
          mesh.broadcast(Array(0))
          running = false
        } else {
          source.await()
        }
      }
    } finally model.leading.decrementAndGet()
  }

  private def step(active: mutable.LinkedHashMap[Request, Int], sink: CompletionSink): Unit = {
    mesh.broadcast(Array(active.size))
    oneStep()
    model.largestBatch.accumulateAndGet(active.size, Math.max(_, _))
    model.steps.incrementAndGet()
    for (request <- active.keys.toSeq) {
      active(request) += 1
      generated += 1
      if (active(request) >= math.min(2, request.options.maxNewTokens)) {
        active.remove(request)
        finish(request, sink)
      }
    }
  }

  private def finish(request: Request, sink: CompletionSink): Unit = {
    val prompt =
      if (request.chat != null) request.chat.messages.asScala.map(_.asScala.toSeq.sortBy(_._1).mkString(" ")).mkString("; ")
      else Option(request.prompt).getOrElse(request.tokenIds.mkString("[", ",", "]"))
    model.saw(prompt)
    promptTokens += prompt.length
    val completion =
      if (prompt.contains("bad row")) Completion.failed(request.id, "this row is bad")
      else {
        val text = if (prompt == "options?") request.options.toString else "gen:" + prompt
        new Completion(request.id, text, Array(1, 2), prompt.length, Completion.Finish.EOS, null)
      }
    sink.accept(completion)
  }

  private def oneStep(): Unit = {
    model.onStep(mesh.rank, steps)
    steps += 1
    if (model.stepMillis > 0) Thread.sleep(model.stepMillis)
    mesh.barrier()
  }

  override def follow(): Unit =
    while (mesh.broadcast(null).head != 0) {
      oneStep()
    }

  override def stats: RankStats = new RankStats(0.25, steps, promptTokens, generated, 1000, mesh.collectives)

  override def close(): Unit = {
    model.closed.incrementAndGet()
    mesh.close()
  }
}
