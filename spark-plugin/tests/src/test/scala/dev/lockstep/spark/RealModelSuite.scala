package dev.lockstep.spark

import java.nio.file.{Files, Path}

import org.apache.spark.sql.functions._

import dev.lockstep.spark.functions.tpGenerate

/** The core's engine on the demo checkpoint: messy dates to ISO 8601. */
class RealModelSuite extends SparkSuite {
  private val root = Path.of(System.getProperty("lockstep.root")).toAbsolutePath.normalize
  private val dates = root.resolve("examples/dates/model").toString

  private lazy val messy = spark.read.option("header", "true").csv(root.resolve("examples/dates/heldout.csv").toString)
    .where("id < 120").repartition(4, col("id"))

  for (tp <- Seq(1, 2, 3)) {
    test(s"every date is right with tp = $tp") {
      val options = java.util.Map.of("tp", tp.toString, "split", "max", "max_new_tokens", "16")
      val read = messy.withColumn("out", tpGenerate(col("messy"), dates, options))
      read.where("out = iso").count() shouldBe 120
    }
  }

  test("token ids in, and a row that cannot be run beside one that can") {
    val frame = sql(s"select tp_generate(p, '$dates', failOnError => false) o from values (array(5, 6, 1)), (array(999999)) as v(p)")
    val results = frame.select("o.*").collect()
    results(0).isNullAt(1) shouldBe true
    results(0).getString(0) should not be empty
    results(1).isNullAt(0) shouldBe true
    results(1).getString(1) should include("999999")
  }

  test("a checkpoint that cannot be run fails before any job, with the core's reason") {
    def reason(config: String): String = {
      val folder = Files.createTempDirectory("checkpoint")
      Files.writeString(folder.resolve("config.json"), config)
      var message = ""
      jobsOf {
        message = messageOf(rows.orderBy("lang").withColumn("out", tpGenerate(col("prompt"), folder.toString)).collect())
      } shouldBe 0
      message
    }
    reason("""{"model_type": "lama"}""") should include("llama")
    reason("""{"model_type": "t5", "architectures": ["T5ForConditionalGeneration"], "vocab_size": 10, "d_model": 8,
      "d_kv": 4, "d_ff": 8, "num_layers": 1, "num_heads": 2}""") should include("model.safetensors")
    messageOf(sql("select tp_generate('x', '/no/such/model')").collect()) should include("/no/such/model")
  }
}
