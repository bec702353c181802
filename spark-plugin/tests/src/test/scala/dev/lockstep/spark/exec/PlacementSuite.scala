package dev.lockstep.spark.exec

import java.util.List.{of => list}

import scala.jdk.CollectionConverters._

import org.scalatest.funsuite.AnyFunSuite
import org.scalatest.matchers.should.Matchers

import dev.lockstep.spark.exec.Placement.Role.{FOLLOWS, LEADS, LEAVES}

class PlacementSuite extends AnyFunSuite with Matchers {
  private def place(executors: java.util.List[String], rank: Int, tp: Int) = {
    val place = Placement.of(executors, rank, tp)
    (place.role, place.standIns.asScala.map(_.intValue).toSeq)
  }

  test("the first task leads those of its executor") {
    (0 until 3).map(place(list("a", "a", "a"), _, 3)) shouldBe Seq((LEADS, Nil), (FOLLOWS, Nil), (FOLLOWS, Nil))
  }

  test("tasks on other executors leave, and threads beside the leader stand in for them") {
    (0 until 4).map(place(list("a", "b", "a", "b"), _, 4)) shouldBe
      Seq((LEADS, Seq(1, 3)), (LEAVES, Nil), (FOLLOWS, Nil), (LEAVES, Nil))
  }

  test("an attempt at some of the tasks writes just what those write") {
    place(list("a"), 0, 2) shouldBe ((LEADS, Seq(1)))
    place(list("a"), 1, 2) shouldBe ((LEAVES, Nil))
    place(list("a", "a"), 2, 3) shouldBe ((LEAVES, Nil))
  }
}

class GroupHomeSuite extends AnyFunSuite with Matchers {
  private def executor(id: Int, total: Int, busy: Int = 0) = new ExecutorSlots(id.toString, s"host$id", total, busy)
  private def homes(groups: Int, groupsPerExecutor: Int, executors: ExecutorSlots*) =
    (0 until groups).map(GroupHome.choose(executors.asJava, _, 2, groupsPerExecutor).asScala.toSeq)

  test("groups live on different executors as long as there are any") {
    homes(3, 1, executor(0, 2), executor(1, 2)) shouldBe
      Seq(Seq("executor_host0_0"), Seq("executor_host1_1"), Seq("executor_host0_0"))
    homes(3, 2, executor(0, 4), executor(1, 2)) shouldBe
      Seq(Seq("executor_host0_0"), Seq("executor_host1_1"), Seq("executor_host0_0"))
  }

  test("only where a group fits, and first where it fits now") {
    homes(2, 1, executor(0, 1), executor(1, 2)) shouldBe Seq(Seq("executor_host1_1"), Seq("executor_host1_1"))
    homes(1, 1, executor(0, 2, 1), executor(1, 2)) shouldBe Seq(Seq("executor_host1_1"))
    homes(1, 1, executor(0, 2, 1), executor(1, 2, 2)) shouldBe Seq(Seq("executor_host0_0"))
    homes(1, 1, executor(0, 1)) shouldBe Seq(Nil)
    homes(1, 1) shouldBe Seq(Nil)
  }
}
