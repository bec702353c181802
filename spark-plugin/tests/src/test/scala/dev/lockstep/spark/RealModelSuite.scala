package dev.lockstep.spark

import java.nio.file.{Files, Path}

import org.apache.spark.sql.functions._

import dev.lockstep.engine.{EngineOptions, LocalGroup}
import dev.lockstep.generate.{GenerationOptions, Generator, Request, RequestSource, TextTokenizer}
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

  /** What the engine gives outside Spark, row by row: odd prompts too, whose answers mean nothing but must be the same. */
  private def generated(prompts: Seq[String], tp: Int): Seq[String] = {
    val group = LocalGroup.open(new EngineOptions(dates, tp, "fp32", "max", 1, 1L << 30, 0, 0), false)
    try {
      val tokenizer = TextTokenizer.open(Path.of(dates))
      val results = new Array[String](prompts.size)
      val source = new RequestSource {
        private var next = 0
        override def poll(): Request = if (exhausted()) null else {
          next += 1
          new Request(next - 1, prompts(next - 1), null, GenerationOptions.GREEDY.withMaxNewTokens(16))
        }
        override def exhausted(): Boolean = next == prompts.size
      }
      new Generator(group.leader().stepRunner(), group.leader().traits(), tokenizer)
        .run(source, completion => results(completion.id().toInt) = completion.text(), () => false)
      tokenizer.close()
      results.toSeq
    } finally group.close()
  }

  for (tp <- Seq(1, 2); partitions <- Seq(1, 3, 7)) {
    test(s"row by row what the engine generates outside Spark: tp = $tp, $partitions partitions") {
      val prompts = messy.orderBy(col("id").cast("int")).select("messy").collect().toSeq.map(_.getString(0)) ++
        Seq("?", "no date at all", "99.99.9999", "x" * 200)
      val frame = spark.createDataFrame(prompts.zipWithIndex).toDF("prompt", "id").repartition(partitions, col("id"))
      val options = java.util.Map.of("tp", tp.toString, "split", "max", "max_new_tokens", "16", "dtype", "fp32")
      val found = frame.withColumn("out", tpGenerate(col("prompt"), dates, options)).collect()
        .sortBy(_.getInt(1)).toSeq.map(_.getString(2))
      found shouldBe generated(prompts, tp)
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
