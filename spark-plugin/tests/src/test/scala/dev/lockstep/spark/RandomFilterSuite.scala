package dev.lockstep.spark

import org.apache.spark.sql.{Column, DataFrame}
import org.apache.spark.sql.functions.{length => chars, _}

import dev.lockstep.spark.functions.tpGenerate

/** Filters on random numbers come before inference, and let the same rows pass as they do without inference. */
class RandomFilterSuite extends SparkSuite {
  private def infer(frame: DataFrame): DataFrame = frame.withColumn("out", tpGenerate(col("prompt")))
  private def out: DataFrame = infer(rows)
  private def prompts(frame: DataFrame): Seq[String] = frame.select("prompt").collect().map(_.getString(0)).toSeq

  /** Inference, then the query, runs just the prompts of the rows that the query alone lets pass. */
  private def check(query: DataFrame => DataFrame): Unit = {
    val expected = prompts(query(rows))
    val filtered = query(out)
    withClue(filtered.queryExecution.optimizedPlan) {
      expected.size should (be > 0 and be < 20)
      promptsOf(filtered.select("prompt", "out").collect().map(_.toSeq).toSeq shouldBe
        expected.map(prompt => Seq(prompt, "gen:" + prompt))) shouldBe expected.sorted
    }
  }

  test("a filter alone, and with others before and after it") {
    check(_.filter(rand(7) < 0.3))
    check(_.filter(rand(7) < 0.5 && col("lang") === 1))
    check(_.filter(col("lang") === 1 && rand(7) < 0.5))
    check(_.filter(rand(7) < 0.7 && rand(8) < 0.7))
    check(_.filter(col("lang") === 1).filter(rand(7) < 0.5))
    check(_.filter(rand(7) < 0.7).filter(rand(8) < 0.7))
    check(_.filter(monotonically_increasing_id() % 3 === 0))
    check(_.select(col("prompt").as("other"), col("*")).filter(rand(7) < 0.5 && chars(col("other")) > 2))
  }

  test("without a seed") {
    val filtered = out.filter(rand() < 0.5)
    val ran = promptsOf(filtered.select("out").collect())
    strings(filtered.select("prompt")).sorted shouldBe ran
    ran.size should be < 20
  }

  test("at tp 2") {
    withConf("spark.lockstep.tp" -> "2")(check(_.filter(rand(7) < 0.3)))
  }

  test("random columns, and filters and orders by them") {
    check(_.withColumn("r", rand(7)).filter("r < 0.3"))
    check(_.withColumn("r", rand(7)).withColumn("s", rand(8)).filter("r < 0.7 and s < 0.7"))
    check(_.orderBy(rand(7)).limit(4))
    check(frame => frame.withColumn("r", rand(7) + col("id")).filter("r % 1 < 0.5"))
    val values = rows.withColumn("r", rand(7)).select("id", "r").collect().toSeq
    infer(rows).withColumn("r", rand(7)).select(col("id"), col("r"), chars(col("out"))).collect().toSeq
      .map(row => row.toSeq.take(2)) shouldBe values.map(_.toSeq)
  }

  test("what reads results, or follows what does, stays where it is") {
    def ran(condition: Column): Seq[String] = promptsOf {
      val plain = rows.withColumn("out", concat(lit("gen:"), col("prompt"))).filter(condition)
      prompts(out.filter(condition)) shouldBe prompts(plain)
    }
    val all = (0 until 20).map(i => s"p$i").sorted
    ran(rand(7) < 0.5 && col("out").like("%1%")) shouldBe prompts(rows.filter(rand(7) < 0.5)).sorted
    ran(col("out").like("%1%") && rand(7) < 0.5) shouldBe all
    ran(col("out").like("%1%") && rand(7) < 0.5 && col("id") < 15) shouldBe all
    ran(rand(7) < chars(col("out")) / 20) shouldBe all
    ran(col("id") < 15 && col("out").like("%1%") && rand(7) < 0.5) shouldBe prompts(rows.filter("id < 15")).sorted
    ran(col("out").like("%1%") && col("id") < 15) shouldBe prompts(rows.filter("id < 15")).sorted
    val mixed = when(col("out").like("%1%"), rand(7)).otherwise(1)
    promptsOf(prompts(out.withColumn("r", mixed).filter("r < 0.5")) shouldBe
      prompts(rows.withColumn("out", concat(lit("gen:"), col("prompt"))).withColumn("r", mixed).filter("r < 0.5"))) shouldBe all
  }
}
