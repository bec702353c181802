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
    promptsOf(out.filter(rand(1) < 0.999999 && col("id") === 3).collect()) should have length 20
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

  test("tail and the order of a sorted child") {
    out.tail(2).map(_.getAs[String]("out")) shouldBe Array("gen:p18", "gen:p19")
    rows.orderBy(col("id").desc).withColumn("out", tpGenerate(col("prompt"))).first().getAs[String]("out") shouldBe "gen:p19"
    rows.repartition(4, col("id")).withColumn("out", tpGenerate(col("prompt"))).collect() should have length 20
  }
}
