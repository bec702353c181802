package dev.lockstep.spark

import java.nio.file.Path

import org.apache.spark.sql.{DataFrame, Row}
import org.apache.spark.sql.types._

/** Options of sampling on the demo checkpoint, and what results they make. */
class SamplingSuite extends SparkSuite {
  private val dates = Path.of(System.getProperty("lockstep.root")).toAbsolutePath.normalize
    .resolve("examples/dates/model").toString

  private def generate(options: String): DataFrame =
    sql(s"select tp_generate(p, '$dates', max_new_tokens => 16, $options) o from values ('12 May 2016'), ('3.4.99') as v(p)")

  for (tp <- Seq(1, 2)) {
    test(s"n texts are an array, the same every time, tp = $tp") {
      def texts(): Seq[Seq[String]] =
        generate(s"temperature => 8, n => 3, tp => $tp, split => 'max'").collect().toSeq.map(_.getSeq[String](0).toSeq)
      val first = texts()
      generate("temperature => 8, n => 3").schema("o").dataType shouldBe ArrayType(StringType, containsNull = false)
      all(first.map(_.size)) shouldBe 3
      first.flatten.distinct.size should be > 2
      texts() shouldBe first
    }

    test(s"log-probabilities are structs beside the text, tp = $tp") {
      val rows = generate(s"logprobs => 2, tp => $tp, split => 'max'").select("o.*").collect()
      val plain = generate("tp => 1").collect().map(_.getString(0))
      rows.map(_.getAs[String]("text")) shouldBe plain
      for (row <- rows) {
        val logprobs = row.getAs[scala.collection.Seq[Float]]("logprobs")
        val top = row.getAs[scala.collection.Seq[scala.collection.Seq[Row]]]("top_logprobs")
        logprobs.size shouldBe row.getAs[scala.collection.Seq[Int]]("token_ids").size
        row.getAs[String]("finish_reason") shouldBe "eos"
        for (i <- logprobs.indices) {
          logprobs(i) should be <= 0f
          top(i).size shouldBe 2
          top(i).head.getInt(0) shouldBe row.getAs[scala.collection.Seq[Int]]("token_ids")(i)
          top(i).head.getFloat(1) shouldBe logprobs(i)
          top(i)(1).getFloat(1) should be <= logprobs(i)
        }
      }
    }
  }

  test("the result's type is fixed when the query is analysed, the session's settings included") {
    spark.conf.set("spark.lockstep.logprobs", "0")
    try {
      val both = generate("temperature => 1, n => 2, failOnError => false")
      both.schema("o").dataType.asInstanceOf[StructType]("result").dataType.simpleString should startWith("array<struct<text:string")
      val results = both.select("o.result.text", "o.errorMessage").collect()
      all(results.map(_.getSeq[String](0).size)) shouldBe 2
      all(results.map(_.isNullAt(1))) shouldBe true
    } finally spark.conf.unset("spark.lockstep.logprobs")
  }

  test("texts keep to a choice, an expression, a schema") {
    all(generate("choice => array('yes', 'no')").collect().map(_.getString(0))) should (be("yes") or be("no"))
    all(generate("regex => '[0-9]{4}/[0-9]{2}'").collect().map(_.getString(0))) should fullyMatch regex "[0-9]{4}/[0-9]{2}"
    val schema = """{"type": "object", "properties": {"y": {"type": "string", "maxLength": 3}}, "required": ["y"]}"""
    val json = generate(s"json_schema => '$schema'")
    json.selectExpr("from_json(o, 'y string').y y").collect().map(_.getString(0).length).max should be <= 3
  }

  test("biases as a map, stop tokens as an array") {
    val plain = generate("logprobs => 0").selectExpr("o.token_ids[0] t").collect().map(_.getInt(0))
    val banned = generate(s"logprobs => 0, logit_bias => map(${plain(0)}, -100)").selectExpr("o.token_ids[0] t").collect()
    banned(0).getInt(0) should not be plain(0)
    val stopped = generate(s"logprobs => 0, stop_token_ids => array(${plain(0)})").select("o.*").collect()
    stopped(0).getAs[String]("text") shouldBe ""
    stopped(0).getAs[String]("finish_reason") shouldBe "stop"
  }

  test("what cannot be is refused before any job") {
    messageOf(generate("n => 2").collect()) should include("n is 2, expected 1 at temperature 0")
    messageOf(generate("regex => '(a'").collect()) should include("regex is (a, which cannot be used")
    messageOf(generate("regex => 'a', choice => array('b')").collect()) should include("expected none beside choice")
    messageOf(generate("typical_p => 0").collect()) should include("typical_p is 0.0, expected above 0, at most 1")
  }
}
