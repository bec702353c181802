package dev.lockstep.spark.tables.delta

import io.delta.tables.DeltaTable
import org.apache.spark.sql.functions.col

import dev.lockstep.spark.functions.tpGenerate
import dev.lockstep.spark.tables.TableSuite

class DeltaSuite extends TableSuite {
  override protected def settings: Map[String, String] = super.settings ++ Map(
    "spark.sql.extensions" -> "io.delta.sql.DeltaSparkSessionExtension",
    "spark.sql.catalog.spark_catalog" -> "org.apache.spark.sql.delta.catalog.DeltaCatalog",
    // A table's state is read in this many tasks.
    "spark.databricks.delta.snapshotPartitions" -> "1")

  override protected def kinds: Seq[(String, String)] = Seq(
    "deletion vectors" -> "'delta.enableDeletionVectors' = 'true'",
    "rewritten files and a change feed" ->
      "'delta.enableDeletionVectors' = 'false', 'delta.enableChangeDataFeed' = 'true'")

  override protected def using(properties: String): String = s"using delta tblproperties ($properties)"
  override protected def name(table: String): String = s"default.$table"

  test("a source of Delta tables, which Delta would read several times, is generated once") {
    val target = create("target", kinds.head._2)
    val source = create("source", kinds.head._2)
    check(s"merge into $target d using (select id, prompt, tp_generate(prompt) as out from $source where id < 3) s" +
      " on s.out = concat('gen:', d.prompt) when matched and s.out <> 'gen:p0' then update set out = s.out",
      Seq("p0", "p1", "p2"), target, "0= 1=gen:p1 2=gen:p2 3= 4= 5=")
  }

  test("conditions of update and delete are refused; the advised merges run") {
    val target = create("conditions", kinds.head._2)
    refused(target)(sql(s"update $target set out = 'y' where tp_generate(prompt) = 'gen:p3'")) should
      include("when matched then update set c = 'y'")
    check(s"merge into $target t using (select id from $target where tp_generate(prompt) = 'gen:p3') s on t.id = s.id" +
      " when matched then update set out = 'y'", (0 to 5).map(i => s"p$i"), target, "0= 1= 2= 3=y 4= 5=")
    refused(target)(sql(s"delete from $target where id > 3 and tp_generate(prompt) = 'gen:p5'")) should
      include("when matched then delete")
    check(s"merge into $target t using (select id from $target where id > 3 and tp_generate(prompt) = 'gen:p5') s" +
      " on t.id = s.id when matched then delete", Seq("p4", "p5"), target, "0= 1= 2= 3=y 4=")
  }

  test("conditions of merge over the target are refused; the advised merges run") {
    val target = create("overTarget", kinds.head._2)
    rows.filter("id < 2").createOrReplaceTempView("s")
    val message = refused(target)(sql(s"merge into $target t using s on t.id = s.id" +
      " when not matched by source and tp_generate(t.prompt) = 'gen:p4' then delete"))
    message should include("left anti join")
    refused(target)(sql(s"merge into $target t using s on t.id = s.id" +
      " when matched and tp_generate(t.prompt) = 'gen:p1' then delete")) shouldBe message
    check(s"merge into $target t using (select s.*, tp_generate(t.prompt) as out from s join $target t on s.id = t.id) s" +
      " on t.id = s.id when matched and s.out = 'gen:p1' then delete", Seq("p0", "p1"), target, "0= 2= 3= 4= 5=")
    check(s"merge into $target t using (select t.id from $target t left anti join s on s.id = t.id" +
      " where tp_generate(t.prompt) = 'gen:p4') s on t.id = s.id when matched then delete",
      Seq("p2", "p3", "p4", "p5"), target, "0= 2= 3= 5=")
  }

  test("the table's own interface") {
    val target = create("api", kinds.head._2)
    val table = DeltaTable.forName(spark, target)
    promptsOf(table.update(col("id") < 1, Map("out" -> tpGenerate(col("prompt"))))) shouldBe Seq("p0")
    val source = rows.filter("id between 5 and 6").withColumn("out", tpGenerate(col("prompt")))
    promptsOf(table.as("t").merge(source.as("s"), "t.id = s.id")
      .whenMatched("s.out = 'gen:p5'").updateExpr(Map("out" -> "s.out"))
      .whenNotMatched().insertExpr(Map("id" -> "s.id", "out" -> "s.out")).execute()) shouldBe Seq("p5", "p6")
    content(target) shouldBe "0=gen:p0 1= 2= 3= 4= 5=gen:p5 6=gen:p6"
    refused(target)(table.delete(tpGenerate(col("prompt")) === "gen:p0")) should include("when matched then delete")
    messageOf(DeltaTable.create(spark).tableName("generatedColumn").addColumn("p", "string")
      .addColumn(DeltaTable.columnBuilder(spark, "o").dataType("string").generatedAlwaysAs("tp_generate(p)").build())
      .execute()) should include("Leave it out")
  }

  test("a constraint given as a property is refused; one on the stored text holds") {
    val folder = java.nio.file.Files.createTempDirectory("constrained").resolve("t").toString
    val check = "delta.constraints.c" -> "tp_generate(out) > '0'"
    messageOf(sql(s"create table constrained (out string) ${using(s"'${check._1}' = \"${check._2}\"")}")) should
      include("CHECK constraint")
    messageOf(rows.write.format("delta").option(check._1, check._2).save(folder)) should include("CHECK constraint")
    val target = create("stored", kinds.head._2)
    sql(s"update $target set out = tp_generate(prompt)")
    sql(s"alter table $target add constraint c check (out > '0')")
    promptsOf(sql(s"insert into $target select id, prompt, tp_generate(prompt) from t where id = 6")) shouldBe Seq("p6")
  }
}
