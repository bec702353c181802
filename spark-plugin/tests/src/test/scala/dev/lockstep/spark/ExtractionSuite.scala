package dev.lockstep.spark

import org.apache.spark.sql.{DataFrame, Row}
import org.apache.spark.sql.functions._

import dev.lockstep.spark.functions.tpGenerate

/** Calls in every position of a query: what they answer, and which prompts they cost. */
class ExtractionSuite extends SparkSuite {
  private val generate = tpGenerate(col("prompt"))

  private def check(query: String, answer: Seq[Any], prompts: Seq[String]): Unit = {
    val ran = promptsOf(sql(query).collect().map(row => if (row.length == 1) row.get(0) else row).toSeq shouldBe answer)
    withClue(sql(query).queryExecution.optimizedPlan)(ran shouldBe prompts.sorted)
  }

  private def nodes(frame: DataFrame): Int =
    frame.queryExecution.executedPlan.toString.linesIterator.count(_.contains("TpInference"))

  test("filter, sort, grouping key, aggregate argument, call over an aggregate, window") {
    check("select id from t where tp_generate(prompt) = 'gen:p3'", Seq(3L), (0 until 20).map(i => s"p$i"))
    check("select prompt from t where id < 3 order by tp_generate(prompt) desc", Seq("p2", "p1", "p0"), Seq("p0", "p1", "p2"))
    check("select tp_generate(cast(lang as string)) o, count(*) from (select * from t limit 4) group by 1 order by 1",
      Seq(Row("gen:0", 2), Row("gen:1", 2)), Seq("0", "0", "1", "1"))
    check("select max(tp_generate(prompt)) from t where id < 3", Seq("gen:p2"), Seq("p0", "p1", "p2"))
    check("select count(*) filter (where tp_generate(prompt) = 'gen:p1') from t where id < 3", Seq(1L), Seq("p0", "p1", "p2"))
    check("select lang, tp_generate(concat('n', count(*))) from t group by lang order by lang",
      Seq(Row(0, "gen:n10"), Row(1, "gen:n10")), Seq("n10", "n10"))
    check("select tp_generate(cast(lang as string)) from t group by lang order by 1", Seq("gen:0", "gen:1"), Seq("0", "1"))
    check("select upper(tp_generate(max(tp_generate(prompt)))) from t where id < 2", Seq("GEN:GEN:P1"),
      Seq("p0", "p1", "gen:p1"))
    check("select id, row_number() over (order by tp_generate(prompt) desc) from t where id < 2 order by id",
      Seq(Row(0, 2), Row(1, 1)), Seq("p0", "p1"))
    check("select tp_generate(cast(sum(id) over () as string)) from t where id < 2", Seq("gen:1", "gen:1"), Seq("1", "1"))
    check("select tp_generate(prompt) o, count(*) from t where id < 2 group by tp_generate(prompt) having o like '%1'",
      Seq(Row("gen:p1", 1)), Seq("p0", "p1"))
  }

  test("nested calls run inside out") {
    check("select tp_generate(concat('a', tp_generate(prompt))) from t where id = 5", Seq("gen:agen:p5"),
      Seq("p5", "agen:p5"))
  }

  test("one call however often it is written, one node for one engine") {
    val frame = sql("select tp_generate(prompt) a, upper(tp_generate(prompt)) b, tp_generate(cast(id as string)) c from t where id = 1")
    promptsOf(frame.collect() shouldBe Array(Row("gen:p1", "GEN:P1", "gen:1"))) shouldBe Seq("1", "p1")
    nodes(frame) shouldBe 1
    nodes(sql("select tp_generate(prompt) a, tp_generate(prompt, seed => 2) b from t")) shouldBe 1
    nodes(sql("select tp_generate(prompt) a, tp_generate(prompt, dtype => 'bf16') b from t")) shouldBe 2
    nodes(rows.withColumn("a", generate).withColumn("b", tpGenerate(col("wide")))) shouldBe 1
    nodes(rows.withColumn("a", generate).withColumn("b", tpGenerate(col("a")))) shouldBe 2
  }

  test("joins: a side's columns below that side, both sides' columns refused") {
    check("select a.id from t a join t b on a.id = b.id and tp_generate(b.prompt) = 'gen:p7'", Seq(7L),
      (0 until 20).map(i => s"p$i"))
    check("select a.id from (select * from t where id < 3) a join (select * from t where id < 2) b" +
      " on tp_generate(a.prompt) = tp_generate(b.prompt) order by 1", Seq(0L, 1L), Seq("p0", "p1", "p2", "p0", "p1"))
    check("select a.id, b.id from (select * from t where id < 2) a left join (select * from t where id < 2) b" +
      " on a.id = b.id and tp_generate(b.prompt) like '%1' order by 1", Seq(Row(0, null), Row(1, 1)), Seq("p0", "p1"))
    val message = messageOf(sql("select 1 from t a join t b on tp_generate(concat(a.prompt, b.prompt)) = 'x'").collect())
    message should include("needs columns of both sides")
    message should include("filter(tpGenerate")
  }

  test("self-join, union, views, subqueries, lateral view, streaming's foreachBatch shape") {
    val out = rows.filter("id < 2").withColumn("out", generate)
    out.as("l").join(out.as("r"), col("l.id") === col("r.id")).select("l.out", "r.out").collect() should have length 2
    out.union(out).collect() should have length 4
    check("select (select max(tp_generate(prompt)) from t where id < 2)", Seq("gen:p1"), Seq("p0", "p1"))
    check("select id from t where prompt in (select substring(tp_generate(prompt), 5) from t where id = 4)", Seq(4L), Seq("p4"))
    check("select w from t lateral view explode(split(tp_generate(prompt), ':')) as w where id = 1", Seq("gen", "p1"), Seq("p1"))
    check("select tp_generate((select max(prompt) from t)) from t where id = 0", Seq("gen:p9"), Seq("p9"))
    check("select tp_generate((select max(u.prompt) from t u where u.id = t.id)) from t where id = 3", Seq("gen:p3"), Seq("p3"))
  }

  test("a common table expression used twice runs once") {
    check("with g as (select id, tp_generate(prompt) o from t where id < 3)" +
      " select a.o from g a join g b on a.id = b.id order by 1", Seq("gen:p0", "gen:p1", "gen:p2"), Seq("p0", "p1", "p2"))
  }

  test("rows that a condition excludes cost nothing") {
    val few = "(select * from t where id < 4)"
    check(s"select case when lang = 1 then tp_generate(prompt) end from $few order by id",
      Seq(null, "gen:p1", null, "gen:p3"), Seq("p1", "p3"))
    check(s"select case when id = 0 then 'zero' when lang = 1 then tp_generate(prompt) else 'even' end from $few order by id",
      Seq("zero", "gen:p1", "even", "gen:p3"), Seq("p1", "p3"))
    check(s"select if(lang = 1, 'odd', tp_generate(prompt)) from $few order by id",
      Seq("gen:p0", "odd", "gen:p2", "odd"), Seq("p0", "p2"))
    check(s"select coalesce(if(id = 2, null, prompt), tp_generate(prompt)) from $few order by id",
      Seq("p0", "p1", "gen:p2", "p3"), Seq("p2"))
    check(s"select nvl(if(id = 2, null, prompt), tp_generate(prompt)) from $few order by id",
      Seq("p0", "p1", "gen:p2", "p3"), Seq("p2"))
    check(s"select lang = 1 and tp_generate(prompt) = 'gen:p3' from $few order by id", Seq(false, false, false, true),
      Seq("p1", "p3"))
    check(s"select tp_generate(prompt) = 'gen:p3' or lang = 0 from $few order by id", Seq(true, false, true, true),
      Seq("p1", "p3"))
    check(s"select case when lang = 1 then tp_generate(prompt) when id = 2 then upper(tp_generate(prompt)) end from $few order by id",
      Seq(null, "gen:p1", "GEN:P2", "gen:p3"), Seq("p1", "p2", "p3"))
    check(s"select case when tp_generate(prompt) = 'gen:p1' then upper(tp_generate(prompt)) end from $few order by id",
      Seq(null, "GEN:P1", null, null), Seq("p0", "p1", "p2", "p3"))
    check(s"select case when tp_generate(prompt) = 'gen:p1' then tp_generate(wide) end is null from $few order by id",
      Seq(true, false, true, true), Seq("p0", "p1", "p2", "p3", "z" * 50))
    check(s"select case when lang = 1 then case when id = 3 then tp_generate(prompt) end end from $few order by id",
      Seq(null, null, null, "gen:p3"), Seq("p3"))
    check(s"select tp_generate(prompt), case when id = 3 then tp_generate(prompt) end from $few order by id",
      Seq(Row("gen:p0", null), Row("gen:p1", null), Row("gen:p2", null), Row("gen:p3", "gen:p3")),
      Seq("p0", "p1", "p2", "p3"))
  }

  test("places where a call cannot be made say what to write instead") {
    messageOf(sql("select transform(array('a', 'b'), x -> tp_generate(x))").collect()) should include("explode the array")
    check("select transform(array('a'), x -> concat(x, tp_generate(prompt))) [0] from t where id = 1", Seq("agen:p1"), Seq("p1"))
    messageOf(sql("select (select max(tp_generate(b.prompt)) from t b where b.id = t.id) from t").collect()) should
      include("write a join instead")
    messageOf(sql("select id from t where exists (select 1 from t b where b.id = t.id and tp_generate(b.prompt) = 'x')")
      .collect()) should include("correlated subquery")
    check("with g as (select *, tp_generate(prompt) as out from t where id < 4)" +
      " select id from t where exists (select 1 from g where g.id = t.id and g.out = 'gen:p3')", Seq(3L),
      Seq("p0", "p1", "p2", "p3"))
    sql("create table target (o string) using parquet")
    messageOf(sql("insert into target values (tp_generate('x'))")) should include("insert into t select tp_generate(p) from values")
    messageOf(sql("create table d (a int, o string default tp_generate('x')) using parquet")) should include("DEFAULT is not possible")
    sql("insert into target select tp_generate(p) from values ('x') as v(p)")
    strings(sql("select o from target")) shouldBe Seq("gen:x")
  }

  test("caching: the second use is a look-up") {
    val out = rows.filter("id < 3").withColumn("out", generate).cache()
    promptsOf(out.collect()) should have length 3
    promptsOf(rows.filter("id < 3").withColumn("out", generate).collect()) shouldBe empty
    out.unpersist(true)
  }

  test("writing, row API, typed API, adaptive execution off") {
    val out = rows.filter("id < 3").withColumn("out", generate).select("out")
    val folder = java.nio.file.Files.createTempDirectory("written").resolve("out").toString
    promptsOf(out.write.parquet(folder)) shouldBe Seq("p0", "p1", "p2")
    spark.read.parquet(folder).count() shouldBe 3
    out.toJavaRDD.collect().size shouldBe 3
    withConf("spark.sql.adaptive.enabled" -> "false") {
      strings(rows.withColumn("out", generate).select("out").sort("out").limit(1)) shouldBe Seq("gen:p0")
    }
    val iterator = out.toLocalIterator()
    Iterator.continually(iterator).takeWhile(_.hasNext).map(_.next().getString(0)).toSeq shouldBe Seq("gen:p0", "gen:p1", "gen:p2")
  }

  test("a stream's plain select") {
    val folder = java.nio.file.Files.createTempDirectory("stream")
    java.nio.file.Files.writeString(folder.resolve("lines.txt"), "a\nb\n")
    val query = spark.readStream.text(folder.toString).select(tpGenerate(col("value")).as("out"))
      .writeStream.format("memory").queryName("streamed").start()
    try {
      query.processAllAvailable()
      strings(sql("select out from streamed order by 1")) shouldBe Seq("gen:a", "gen:b")
    } finally query.stop()
  }
}
