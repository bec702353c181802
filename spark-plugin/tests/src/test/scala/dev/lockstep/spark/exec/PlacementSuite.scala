package dev.lockstep.spark.exec

import java.util.List.{of => list}

import org.scalatest.funsuite.AnyFunSuite
import org.scalatest.matchers.should.Matchers

class PlacementSuite extends AnyFunSuite with Matchers {
  test("the tasks of one executor form groups, in the order of their partitions") {
    val executors = list("a", "b", "a", "b", "a", "b", "b")
    val places = (0 until 7).map(Placement.of(executors, _, 2, 1))
    places.map(_.groups).toSet shouldBe Set(2)
    places.map(place => (place.group, place.rank)) shouldBe
      Seq((0, 0), (1, 0), (0, 1), (1, 1), (-1, -1), (-1, -1), (-1, -1))
    places(4).idle shouldBe true
    places(0).leads shouldBe true
  }

  test("several groups in one executor") {
    val executors = list("a", "a", "b", "a", "a", "a")
    (0 until 6).map(Placement.of(executors, _, 2, 8)).map(place => (place.group, place.rank)) shouldBe
      Seq((0, 0), (0, 1), (-1, -1), (1, 0), (1, 1), (-1, -1))
  }

  test("no executor with enough tasks") {
    Placement.of(list("a", "b"), 0, 2, 1) shouldBe new Placement(-1, -1, 0)
  }
}
