package dev.lockstep.spark.cluster

import dev.lockstep.spark.exec.FakeEngine

/** The cluster of the other suites: what they take for granted. */
class HarnessSuite extends ClusterSuite {
  test("two executors, processes of their own; a killed one is replaced") {
    val Seq(first, second) = executors.await(2)
    Seq(first.cores, second.cores) shouldBe Seq(2, 2)
    Set(first.pid, second.pid, ProcessHandle.current.pid) should have size 3
    executors.lose(first)
    executors.await(2).map(_.id) should (contain(second.id) and not contain first.id)
  }

  for (tp <- Seq(1, 2)) {
    test(s"each prompt runs once, in the executors, with tp = $tp") {
      executors.await(2)
      val model = FakeEngine.shared()
      Keyed.problems(generated(prompts(100), model, tp), 100) shouldBe empty
      model.prompts.sorted shouldBe (0 until 100).map(i => s"p$i").sorted
      model.opened.get shouldBe 0
    }
  }
}
