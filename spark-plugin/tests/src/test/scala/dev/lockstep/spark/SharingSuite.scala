package dev.lockstep.spark

import org.apache.spark.sql.{DataFrame, Row}
import org.apache.spark.sql.functions._

import dev.lockstep.spark.functions.tpGenerate

/** Inferences of one query that do the same run once. */
class SharingSuite extends SparkSuite {
  private def infer(frame: DataFrame): DataFrame = frame.withColumn("out", tpGenerate(col("prompt")))
  private def plain(frame: DataFrame): DataFrame = frame.withColumn("out", concat(lit("gen:"), col("prompt")))
  private val all = (0 until 20).map(i => s"p$i").sorted
  private def texts(frame: DataFrame): Seq[String] = frame.collect().toSeq.map(_.toString).sorted

  private lazy val stored: DataFrame = {
    sql("create table people (id int, parent int, prompt string, town string) using parquet")
    sql("insert into people values (0, null, 'p0', 'a'), (1, 0, 'p1', 'b'), (2, 0, 'p2', 'a'), (3, 1, null, 'b'), (null, 2, 'p4', 'a')")
    spark.table("people")
  }

  // Adaptive execution, the size of what is broadcast, tp: every pair of values occurs.
  private val ways = Seq(("true", "10MB", "1"), ("true", "-1", "2"), ("false", "10MB", "2"), ("false", "-1", "1"))

  /** The query gives what it gives without inference, however it is executed, and runs these prompts. */
  private def check(prompts: Seq[String], of: DataFrame = rows)(query: DataFrame => DataFrame): Unit = {
    val expected = texts(query(plain(of)))
    for ((adaptive, broadcast, tp) <- ways) {
      withConf("spark.sql.adaptive.enabled" -> adaptive, "spark.sql.autoBroadcastJoinThreshold" -> broadcast,
        "spark.lockstep.tp" -> tp) {
        val frame = query(infer(of))
        withClue(s"adaptive $adaptive, broadcast $broadcast, tp $tp\n${frame.queryExecution.executedPlan}\n") {
          promptsOf(texts(frame) shouldBe expected) shouldBe prompts.sorted
        }
      }
    }
  }

  test("a join of a frame with itself") {
    check(all)(out => out.join(out, "id"))
    check(all)(out => out.as("a").join(out.as("b"), col("a.id") === col("b.id") + 1, "left").select("a.out", "b.out"))
  }

  test("sides that need other columns") {
    check(all)(out => out.join(out.select("id", "out"), "id"))
    check(all)(out => out.select("id", "out").join(out.select(col("id"), upper(col("wide")), upper(col("out"))), "id"))
    check(all)(out => out.select("id", "out").join(out.withColumn("n", col("lang") * 2).select("n", "out", "id"), Seq("id"), "full"))
  }

  test("a union of a frame with itself, and three uses") {
    check(all)(out => out.union(out))
    check(all)(out => out.select("id", "out").union(out.select("lang", "out")))
    check(all)(out => out.select("id", "out").join(out.select("id", "out"), "id").join(out.select("id", "wide", "out"), "id"))
  }

  test("nulls that joins leave out on one side") {
    check(Seq("p0", "p1", "p2", "p4"), stored)(out => out.as("a").join(out.as("b"), col("a.id") === col("b.parent")))
    check(Seq("p0", "p1", "p2", "p4"), stored)(out =>
      out.filter("town < 'z'").as("a").join(out.filter("town < 'z'").as("b"), col("a.parent") === col("b.id"), "left"))
    check(Seq("p0", "p1", "p2"), stored)(out => out.select("id", "out").join(out.select("id", "town", "out"), "id"))
  }

  test("SQL over a temporary view, and a subquery") {
    sql("create or replace temporary view generated as select id, prompt, tp_generate(prompt) as out from t")
    promptsOf(sql("select a.out, b.out from generated a join generated b on a.id = b.id").count() shouldBe 20) shouldBe empty
    promptsOf(sql("select a.out, b.out from generated a join generated b on a.id = b.id").collect() should have length 20) shouldBe all
    promptsOf(sql("select id from generated where out = (select max(out) from generated)").collect() shouldBe Array(Row(9))) shouldBe all
  }

  test("inference over inference, calls in part the same, and what is random") {
    check(all ++ all.map("gen:" + _)) { out =>
      val both = out.withColumn("more",
        if (out.queryExecution.analyzed.toString.contains("tp_generate")) tpGenerate(col("out")) else concat(lit("gen:"), col("out")))
      both.join(both.select("id", "more"), "id")
    }
    val one = infer(rows)
    val two = one.withColumn("other", tpGenerate(col("wide")))
    promptsOf(one.select("id", "out").join(two.select("id", "out", "other"), "id").collect() should have length 20) shouldBe
      (all ++ all.map(_ => "z" * 50)).sorted
    check(all)(out => { val random = out.withColumn("r", rand(5)); random.join(random, "id") })
    check(Seq("p0", "p1", "p2", "p0", "p1", "p2", "p4"), stored) { out =>
      def random(frame: DataFrame) = frame.withColumn("r", rand(5)).select("out", "r")
      random(out.filter("id is not null")).union(random(out))
    }
    val some = prompts(rows.filter(rand(5) < 0.5))
    check(some)(out => { val few = out.filter(rand(5) < 0.5); few.join(few, "id") })
  }

  private def prompts(frame: DataFrame): Seq[String] = strings(frame.select("prompt"))

  test("rows that differ are inferred for each") {
    check((0 until 20).map(i => s"p$i"))(out => out.filter("lang = 0").union(out.filter("lang = 1")))
    check(Seq("p0", "p1", "p2", "p1", "p2", "p3"))(out => out.filter("id < 3").union(out.filter("id between 1 and 3")))
  }

  test("inputs that are cached, that are local, and that are shuffled") {
    val cached = rows.filter("id < 4").cache()
    check(Seq("p0", "p1", "p2", "p3"), cached)(out => out.join(out.select("id", "out"), "id"))
    cached.unpersist(true)
    val local = spark.createDataFrame(Seq((1L, "p1"), (2L, "p2"))).toDF("id", "prompt")
    check(Seq("p1", "p2"), local)(out => out.join(out.select("id", "out"), "id"))
    check(all)(out => { val moved = infer(rows.repartition(5, col("id"))); moved.join(moved, "id") })
  }

  test("a new query runs again, and one that reads no result does not run") {
    def joined = { val out = infer(rows); out.join(out.select("id", "out"), "id") }
    for (_ <- 1 to 2) promptsOf(joined.collect() should have length 20) shouldBe all
    promptsOf(joined.groupBy("lang").count().collect()) shouldBe empty
  }

  test("EXPLAIN says so") {
    val out = infer(rows)
    out.join(out, "id").queryExecution.executedPlan.toString should include("shared: run once for all equal nodes of the query")
    out.queryExecution.executedPlan.toString should not include "shared"
  }
}
