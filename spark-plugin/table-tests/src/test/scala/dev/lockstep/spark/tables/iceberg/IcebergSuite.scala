package dev.lockstep.spark.tables.iceberg

import java.nio.file.Files

import dev.lockstep.spark.tables.TableSuite

class IcebergSuite extends TableSuite {
  override protected def settings: Map[String, String] = super.settings ++ Map(
    "spark.sql.extensions" -> "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions",
    "spark.sql.catalog.ice" -> "org.apache.iceberg.spark.SparkCatalog",
    "spark.sql.catalog.ice.type" -> "hadoop",
    "spark.sql.catalog.ice.warehouse" -> Files.createTempDirectory("iceberg").toString)

  override protected def kinds: Seq[(String, String)] = Seq("copy-on-write", "merge-on-read").map(mode =>
    mode -> Seq("delete", "update", "merge").map(kind => s"'write.$kind.mode' = '$mode'").mkString(", "))

  override protected def using(properties: String): String = s"using iceberg tblproperties ($properties)"
  override protected def name(table: String): String = s"ice.db.$table"

  for ((kind, properties) <- kinds) {
    test(s"$kind: conditions of update and delete") {
      val target = create("conditions", properties)
      check(s"update $target set out = 'y' where tp_generate(prompt) = 'gen:p3'", (0 to 5).map(i => s"p$i"), target,
        "0= 1= 2= 3=y 4= 5=")
      check(s"update $target set out = tp_generate(concat(prompt, '!')) where id > 3 and tp_generate(prompt) = 'gen:p5'",
        Seq("p4", "p5", "p5!"), target, "0= 1= 2= 3=y 4= 5=gen:p5!")
      check(s"delete from $target where id < 2 and tp_generate(prompt) = 'gen:p1'", Seq("p0", "p1"), target,
        "0= 2= 3=y 4= 5=gen:p5!")
      check(s"delete from $target where id in (select id from (select id, tp_generate(prompt) as o from t where id < 3)" +
        " where o <> 'gen:p0')", Seq("p0", "p1", "p2"), target, "0= 3=y 4= 5=gen:p5!")
    }

    test(s"$kind: conditions of merge over the target") {
      val target = create("overTarget", properties)
      check(s"merge into $target d using (select id from t where id < 3) s on d.id = s.id" +
        " when matched and tp_generate(d.prompt) = 'gen:p1' then delete" +
        " when not matched by source and tp_generate(d.prompt) = 'gen:p4' then update set out = tp_generate(d.prompt)",
        (0 to 5).map(i => s"p$i"), target, "0= 2= 3= 4=gen:p4 5=")
    }
  }

  test("partitions") {
    val partitioned = name("partitioned")
    messageOf(sql(s"create table $partitioned (id bigint, out string) using iceberg partitioned by (tp_generate(out))")) should
      include("partition by that")
    check(s"create table $partitioned using iceberg partitioned by (out) as select id, tp_generate(prompt) as out from t" +
      " where id < 2", Seq("p0", "p1"), partitioned, "0=gen:p0 1=gen:p1")
  }
}
