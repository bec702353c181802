package dev.lockstep.spark.exec

import scala.collection.mutable
import scala.jdk.CollectionConverters._

import org.scalatest.funsuite.AnyFunSuite
import org.scalatest.matchers.should.Matchers

import dev.lockstep.generate.{Completion, GenerationOptions, Request}

class RequestQueueSuite extends AnyFunSuite with Matchers {
  private val queue = new RequestQueue
  private val done = mutable.Buffer.empty[Long]

  private def submit(): Long =
    queue.submit(id => new Request(id, "p", null, GenerationOptions.GREEDY), completion => done += completion.id)
  private def complete(id: Long): Unit =
    queue.accept(new Completion(id, "t", Array.emptyIntArray, 1, Completion.Finish.EOS, null))

  test("from submission to the end") {
    val Seq(first, second, third) = Seq.fill(3)(submit())
    queue.poll().id shouldBe first
    queue.exhausted() shouldBe false
    queue.withdraw(Seq(first, second).map(Long.box).asJava)
    queue.poll().id shouldBe third
    queue.poll() shouldBe null
    complete(first)
    done shouldBe empty
    queue.finish()
    queue.exhausted() shouldBe false
    queue.resume() shouldBe true
    complete(third)
    done shouldBe Seq(third)
    queue.exhausted() shouldBe false
    queue.finish()
    queue.cancelled() shouldBe false
    queue.exhausted() shouldBe true
    queue.resume() shouldBe false
    intercept[IllegalStateException](submit())
  }
}
