package dev.lockstep.spark

import org.apache.spark.sql.DataFrame
import org.apache.spark.sql.functions._

import dev.lockstep.spark.functions.tpGenerate

/** Inference on no more rows than a query needs. */
class PushDownSuite extends SparkSuite {
  private def out: DataFrame = rows.withColumn("out", tpGenerate(col("prompt")))

  test("a call that nobody reads is not made") {
    promptsOf(out.count() shouldBe 20) shouldBe empty
    promptsOf(out.select("id").collect()) shouldBe empty
    promptsOf(out.groupBy("lang").count().collect()) shouldBe empty
    promptsOf(out.withColumn("other", tpGenerate(col("wide"))).select("out").collect()) should have length 20
  }

  test("filters on other columns come first") {
    promptsOf(out.filter("lang = 1 and out like '%7'").select("id").collect().map(_.getLong(0)) shouldBe Seq(7, 17)) should
      have length 10
    promptsOf(out.filter("id = 3").collect()) shouldBe Seq("p3")
    promptsOf(out.filter("id = 3 or out = 'gen:p4'").collect()) should have length 20
  }

  test("limits come first") {
    promptsOf(out.show(3)) shouldBe Seq("p0", "p1", "p2", "p3")
    promptsOf(out.limit(2).collect()) shouldBe Seq("p0", "p1")
    promptsOf(out.take(1)) shouldBe Seq("p0")
    promptsOf(out.first().getAs[String]("out") shouldBe "gen:p0") shouldBe Seq("p0")
    promptsOf(out.offset(2).limit(2).collect()) shouldBe Seq("p2", "p3")
    promptsOf(out.select(upper(col("out"))).limit(2).collect()) shouldBe Seq("p0", "p1")
    promptsOf(out.isEmpty shouldBe false) shouldBe empty
    promptsOf(out.filter("out like '%1'").limit(1).collect()) should contain("p1")
    // Rows that nobody waits for any more run on for a moment: the next test must not count them.
    eventually(model.leading.get shouldBe 0)
  }

  test("sorting by other columns comes first, and limits after it") {
    promptsOf(out.orderBy(col("id").desc).limit(2).collect().map(_.getAs[String]("out")) shouldBe Seq("gen:p19", "gen:p18")) shouldBe
      Seq("p18", "p19")
    promptsOf(out.orderBy("out").limit(1).collect().head.getAs[String]("out") shouldBe "gen:p0") should have length 20
    promptsOf(out.orderBy("id").offset(18).collect().map(_.getAs[String]("out")) shouldBe Seq("gen:p18", "gen:p19")) shouldBe
      Seq("p18", "p19")
  }

  test("samples come first") {
    val sampled = rows.sample(0.3, 7).collect().map(_.getAs[String]("prompt")).toSeq
    promptsOf(out.sample(0.3, 7).collect().map(_.getAs[String]("prompt")).toSeq shouldBe sampled) shouldBe sampled.sorted
  }

  test("only the columns asked for are carried") {
    val plan = out.select("out").queryExecution.optimizedPlan.toString
    plan should not include "wide"
  }

  test("tail comes first, exactly the last rows in their order") {
    def tail(frame: DataFrame, n: Int): Seq[String] = frame.tail(n).toSeq.map(_.getAs[String]("out"))
    for (adaptive <- Seq("true", "false")) withConf("spark.sql.adaptive.enabled" -> adaptive) {
      withClue(s"adaptive $adaptive: ") {
        promptsOf(tail(out, 2) shouldBe Seq("gen:p18", "gen:p19")) shouldBe Seq("p18", "p19")
        promptsOf(tail(out, 9) shouldBe (11 until 20).map(i => s"gen:p$i")) shouldBe (11 until 20).map(i => s"p$i")
        promptsOf(tail(out, 100) should have length 20) should have length 20
        promptsOf(tail(out, 0) shouldBe empty) shouldBe empty
        promptsOf(tail(out.select(upper(col("out")).as("out")), 1) shouldBe Seq("GEN:P19")) shouldBe Seq("p19")
        promptsOf(tail(out.orderBy(col("id").desc), 2) shouldBe Seq("gen:p1", "gen:p0")) shouldBe Seq("p0", "p1")
        promptsOf(tail(out.filter("id < 15").select("out"), 1) shouldBe Seq("gen:p14")) shouldBe Seq("p14")
        promptsOf(tail(out.withColumn("r", rand()).withColumn("again", tpGenerate(col("out"))), 1) shouldBe Seq("gen:p19"))
          .shouldBe(Seq("gen:p19", "p19"))
        promptsOf(tail(out.filter("out like '%1'"), 1) shouldBe Seq("gen:p11")) should contain("p11")
        promptsOf(tail(out.orderBy("out"), 1) shouldBe Seq("gen:p9")) should have length 20
        promptsOf(tail(rows.repartition(4, col("id")).sortWithinPartitions("id").withColumn("out", tpGenerate(col("prompt"))), 3)
          .shouldBe(tail(rows.repartition(4, col("id")).sortWithinPartitions("id").withColumn("out", concat(lit("gen:"), col("prompt"))), 3)))
          .should(have length 3)
      }
    }
    withConf("spark.lockstep.tp" -> "2") {
      promptsOf(tail(out, 3) shouldBe Seq("gen:p17", "gen:p18", "gen:p19")) shouldBe Seq("p17", "p18", "p19")
    }
  }

  test("the order of a sorted child") {
    rows.orderBy(col("id").desc).withColumn("out", tpGenerate(col("prompt"))).first().getAs[String]("out") shouldBe "gen:p19"
    rows.repartition(4, col("id")).withColumn("out", tpGenerate(col("prompt"))).collect() should have length 20
  }
}
