package dev.lockstep.spark.tables

import org.apache.spark.sql.functions.col

import dev.lockstep.spark.SparkSuite
import dev.lockstep.spark.functions.tpGenerate

/**
 * Statements on the tables of one format: each gives every row its own result and runs each prompt once, or is refused
 * before anything happens, with a statement to write instead that runs. A source is a view of rows 0 to 19, `t`.
 */
abstract class TableSuite extends SparkSuite {
  override protected def master: String = "local[2]"
  override protected def settings: Map[String, String] =
    // Each statement is planned several times and runs on a few rows: compiling its queries would take most of the time.
    Map("spark.sql.shuffle.partitions" -> "2", "spark.sql.codegen.wholeStage" -> "false",
      "spark.sql.codegen.factoryMode" -> "NO_CODEGEN")

  /** The kinds of tables, each with its properties. */
  protected def kinds: Seq[(String, String)]
  /** What follows a table's columns in CREATE TABLE. */
  protected def using(properties: String): String
  /** The name of a table. */
  protected def name(table: String): String

  /** A table of this name with id, prompt and out, with rows 0 to 5 without out. */
  protected def create(table: String, properties: String): String = {
    sql(s"create or replace table ${name(table)} (id bigint, prompt string, out string) ${using(properties)}")
    sql(s"insert into ${name(table)} select id, prompt, null from t where id < 6")
    name(table)
  }

  /** Runs a statement, which must run exactly these prompts, and leave these ids with these texts in `out`. */
  protected def check(statement: String, prompts: Seq[String], table: String, rows: String): Unit = {
    promptsOf(sql(statement)) shouldBe prompts.sorted
    content(table) shouldBe rows
  }

  /** Like "0=gen:p0 1=", by id. */
  protected def content(table: String): String =
    spark.table(table).select("id", "out").orderBy("id").collect()
      .map(row => s"${row.getLong(0)}=${Option(row.getString(1)).getOrElse("")}").mkString(" ")

  /** Runs what is refused: no prompt runs and the table stays as it is. */
  protected def refused(table: String)(statement: => Any): String = {
    val before = content(table)
    var message = ""
    promptsOf { message = messageOf(statement) } shouldBe empty
    content(table) shouldBe before
    message should include("tp_generate")
    message
  }

  for ((kind, properties) <- kinds) {
    test(s"$kind: insert, overwrite, create as select, replace as select") {
      val target = create("written", properties)
      check(s"insert into $target select id, prompt, tp_generate(prompt) from t where id = 7", Seq("p7"), target,
        "0= 1= 2= 3= 4= 5= 7=gen:p7")
      check(s"insert overwrite $target select id, prompt, tp_generate(prompt) from t where id < 2", Seq("p0", "p1"), target,
        "0=gen:p0 1=gen:p1")
      check(s"create or replace table $target ${using(properties)} as select id, tp_generate(prompt) as out from t where id < 3",
        Seq("p0", "p1", "p2"), target, "0=gen:p0 1=gen:p1 2=gen:p2")
      val out = rows.filter("id < 2").withColumn("out", tpGenerate(col("prompt"))).select("id", "out")
      promptsOf(out.writeTo(target).append()) shouldBe Seq("p0", "p1")
      sql(s"drop table $target")
      check(s"create table $target ${using(properties)} as select id, tp_generate(prompt) as out from t where id < 1",
        Seq("p0"), target, "0=gen:p0")
    }

    test(s"$kind: update computes new values for the rows it changes") {
      val target = create("updated", properties)
      check(s"update $target set out = tp_generate(prompt) where id < 2", Seq("p0", "p1"), target,
        "0=gen:p0 1=gen:p1 2= 3= 4= 5=")
      check(s"update $target set out = tp_generate(concat(prompt, coalesce(out, '!')))",
        Seq("p0gen:p0", "p1gen:p1", "p2!", "p3!", "p4!", "p5!"), target,
        "0=gen:p0gen:p0 1=gen:p1gen:p1 2=gen:p2! 3=gen:p3! 4=gen:p4! 5=gen:p5!")
    }

    test(s"$kind: merge with a generated source") {
      val target = create("merged", properties)
      check(s"merge into $target d using (select id, tp_generate(prompt) as out from t where id between 4 and 6) s on d.id = s.id" +
        " when matched then update set out = upper(s.out) when not matched then insert (id, out) values (s.id, s.out)",
        Seq("p4", "p5", "p6"), target, "0= 1= 2= 3= 4=GEN:P4 5=GEN:P5 6=gen:p6")
      check(s"merge into $target d using (select prompt, tp_generate(prompt) as out from t where id between 1 and 6) s" +
        " on upper(s.out) = d.out and d.prompt = s.prompt when matched and s.out <> 'gen:p4' then update set out = s.out",
        Seq("p1", "p2", "p3", "p4", "p5", "p6"), target, "0= 1= 2= 3= 4=GEN:P4 5=gen:p5 6=gen:p6")
      check(s"merge into $target d using (select id, prompt from t where tp_generate(prompt) = 'gen:p6') s on d.id = s.id" +
        " when matched then delete", (0 to 19).map(i => s"p$i"), target, "0= 1= 2= 3= 4=GEN:P4 5=gen:p5")
    }

    test(s"$kind: merge with calls in its clauses and its condition") {
      val target = create("clauses", properties)
      check(s"merge into $target d using (select id, prompt from t where id in (0, 1, 8, 9)) s on d.id = s.id" +
        " when matched and d.id = 0 then update set out = tp_generate(concat(s.prompt, d.prompt))" +
        " when not matched and s.id = 9 then insert (id, out) values (s.id, tp_generate(s.prompt))",
        Seq("p0p0", "p9"), target, "0=gen:p0p0 1= 2= 3= 4= 5= 9=gen:p9")
      check(s"merge into $target d using (select id, prompt from t where id in (8, 9, 10)) s on d.id = s.id" +
        " when not matched then insert (id, out) values (s.id, tp_generate(s.prompt))",
        Seq("p10", "p8"), target, "0=gen:p0p0 1= 2= 3= 4= 5= 8=gen:p8 9=gen:p9 10=gen:p10")
      check(s"merge into $target d using (select id, prompt from t where id < 4) s" +
        " on d.id = s.id and tp_generate(s.prompt) <> 'gen:p0'" +
        " when matched and tp_generate(s.prompt) = 'gen:p1' then update set out = tp_generate(s.prompt)" +
        " when not matched by source and d.id > 3 then delete",
        Seq("p0", "p1", "p2", "p3"), target, "0=gen:p0p0 1=gen:p1 2= 3=")
    }

    test(s"$kind: two ranks") {
      withConf("spark.lockstep.tp" -> "2") {
        val target = create("ranks", properties)
        check(s"update $target set out = tp_generate(prompt) where id < 2", Seq("p0", "p1"), target,
          "0=gen:p0 1=gen:p1 2= 3= 4= 5=")
        check(s"merge into $target d using (select id, tp_generate(prompt) as out from t where id between 4 and 6) s" +
          " on d.id = s.id when matched and s.out <> 'gen:p5' then update set out = s.out" +
          " when not matched then insert (id, out) values (s.id, s.out)",
          Seq("p4", "p5", "p6"), target, "0=gen:p0 1=gen:p1 2= 3= 4=gen:p4 5= 6=gen:p6")
      }
    }
  }

  test("merge on both tables' columns is refused; the source can compute it") {
    val target = create("both", kinds.head._2)
    val message = refused(target)(sql(s"merge into $target d using (select id, prompt from t where id < 2) s" +
      " on d.id = s.id and tp_generate(concat(s.prompt, d.prompt)) = 'gen:p1p1' when matched then delete"))
    message should include("from s join t on s.id = t.id")
    rows.filter("id < 2").createOrReplaceTempView("s")
    check(s"merge into $target t using (select s.*, tp_generate(concat(s.prompt, t.prompt)) as out from s join $target t" +
      " on s.id = t.id) s on t.id = s.id and s.out = 'gen:p1p1' when matched then update set out = 'hit'",
      Seq("p0p0", "p1p1"), target, "0= 1=hit 2= 3= 4= 5=")
  }

  test("what a table would store is refused; its advice runs") {
    val target = create("stored", kinds.head._2)
    refused(target)(sql(s"alter table $target add constraint c check (tp_generate(prompt) > '0')")) should
      include("check (out > '0')")
    val format = using(kinds.head._2)
    val made = name("made")
    messageOf(sql(s"create table $made (p string, o string generated always as (tp_generate(p))) $format")) should
      include("Leave it out and write insert into t select")
    messageOf(sql(s"create table $made (p string, o string default tp_generate('x')) $format")) should
      include("Leave it out and write insert into t select")
    spark.catalog.tableExists(made) shouldBe false
  }
}
