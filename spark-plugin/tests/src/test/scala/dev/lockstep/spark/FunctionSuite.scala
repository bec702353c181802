package dev.lockstep.spark

import org.apache.spark.sql.Row
import org.apache.spark.sql.functions._

import dev.lockstep.spark.functions.tpGenerate

/** How a call is written, what it accepts and what it answers. */
class FunctionSuite extends SparkSuite {
  test("a column for every row, in order, in the same partitions") {
    val out = rows.withColumn("out", tpGenerate(col("prompt")))
    out.select("out").collect().map(_.getString(0)) shouldBe (0 until 20).map(i => s"gen:p$i")
    out.rdd.getNumPartitions shouldBe 3
    out.schema("out").dataType.sql shouldBe "STRING"
  }

  test("model and options from Java's and Scala's maps") {
    val options = java.util.Map.of("max_new_tokens", "5", "stop", "END")
    val text = spark.range(1).select(tpGenerate(lit("options?"), model.path, options)).first().getString(0)
    text should include("maxNewTokens=5")
    text should include("strings=[END]")
    strings(rows.limit(1).select(tpGenerate(col("prompt"), model.path))) shouldBe Seq("gen:p0")
    strings(rows.limit(1).select(tpGenerate(col("prompt"), model.path, java.util.Map.of()))) shouldBe Seq("gen:p0")
  }

  test("call_function and expr, as Python and Connect use them") {
    strings(rows.limit(1).select(call_function("tp_generate", col("prompt")))) shouldBe Seq("gen:p0")
    strings(rows.limit(1).select(expr("tp_generate(prompt, max_new_tokens => 4)"))) shouldBe Seq("gen:p0")
  }

  test("SQL by position and by name") {
    strings(sql("select tp_generate(prompt) from t where id = 5")) shouldBe Seq("gen:p5")
    strings(sql(s"select tp_generate(prompt, '${model.path}', map('max_new_tokens', 4, 'top_p', 0.5)) from t where id = 5"))
      .shouldBe(Seq("gen:p5"))
    val named = sql(s"""select tp_generate('options?', model => '${model.path}', max_new_tokens => 7, temperature => 0.5,
      top_k => 3, top_p => 0.9, seed => 11, stop => array('a', 'b'), ignore_eos => true)""").first().getString(0)
    named should include("maxNewTokens=7, minNewTokens=0, ignoreEos=true, strings=[a, b]")
    named should include("temperature=0.5, topK=3, topP=0.9")
    named should include("seed=11")
    val beams = sql("""select tp_generate('options?', max_tokens => 9, num_beams => 4, length_penalty => 0.8,
      early_stopping => true, tp => 1, dtype => 'bf16', split => 'max')""").first().getString(0)
    beams should include("maxNewTokens=9")
    beams should include("count=4, lengthPenalty=0.8, earlyStopping=true")
  }

  test("defaults come from the session, also inside views") {
    sql("create or replace temp view v as select id, tp_generate('options?') o from t")
    withConf("spark.lockstep.maxNewTokens" -> "33", "spark.lockstep.temperature" -> "0.25") {
      sql("select o from v where id = 1").first().getString(0) should include regex "maxNewTokens=33,.*temperature=0.25"
    }
  }

  test("defaults come from the session inside permanent views, where Spark has them") {
    sql("create table stored (id int) using parquet")
    sql("insert into stored values (1)")
    def create() = sql("create view stored_view as select tp_generate('options?') o from stored")
    if (spark.version.startsWith("4.0") || spark.version.startsWith("4.1")) {
      messageOf(create()) should include("INVALID_TEMP_OBJ_REFERENCE")
    } else {
      create()
      withConf("spark.lockstep.maxNewTokens" -> "34") {
        sql("select o from stored_view").first().getString(0) should include("maxNewTokens=34")
      }
    }
  }

  test("no model: says how to give one") {
    val other = spark.newSession()
    other.conf.unset("spark.lockstep.model")
    val message = intercept[IllegalArgumentException](
      other.sql("select tp_generate('x')").collect()).getMessage
    message should include("spark.lockstep.model")
    message should include("model => '/path'")
  }

  test("unknown options: the nearest names") {
    messageOf(sql("select tp_generate(prompt, max_new_token => 3) from t")) should
      include("unknown option max_new_token; the nearest are max_new_tokens")
    messageOf(sql("select tp_generate(prompt, model => 'x', modell => 'x') from t")) should include("nearest are model")
    messageOf(sql("select tp_generate(prompt, 'x', map('topk', '1')) from t")) should include("nearest are top_k")
    messageOf(sql("select tp_generate(prompt, max_batch_tokens => 3) from t")) should
      include("only for a session: set spark.lockstep.maxBatchTokens")
  }

  test("options must be constants of their type and range") {
    messageOf(sql("select tp_generate(prompt, model => prompt) from t")) should include("model is t.prompt, expected a constant")
    messageOf(sql("select tp_generate(prompt, max_new_tokens => id) from t")) should include("max_new_tokens is t.id")
    messageOf(sql("select tp_generate(prompt, max_new_tokens => 'many') from t")) should
      include("max_new_tokens is 'many', expected a whole number")
    messageOf(sql("select tp_generate(prompt, top_p => 1.5) from t").collect()) should
      include("top_p is 1.5, expected above 0, at most 1")
    messageOf(sql("select tp_generate(prompt, num_beams => 2, temperature => 1) from t").collect()) should include("temperature")
    messageOf(sql("select tp_generate(prompt, dtype => 'fp8') from t").collect()) should include("fp32, bf16 or int8")
    messageOf(sql("select tp_generate(prompt, 'm', 'fast') from t")) should include("expected a map")
    messageOf(sql("select tp_generate(prompt, 'm', model => 'n') from t")) should include("model is given twice")
    messageOf(sql("select tp_generate(prompt, 'm', map(), 4) from t")) should include("at most 3 arguments by position")
    messageOf(sql("select tp_generate(prompt, seed => null) from t")) should include("seed is null")
    messageOf(sql("select tp_generate(model => 'x')")) should include("prompt is missing")
  }

  test("prompts are strings or arrays of token ids") {
    strings(sql("select tp_generate(array(1, 2, 3))")) shouldBe Seq("gen:[1,2,3]")
    messageOf(sql("select tp_generate(id) from t")) should include("expected STRING (a text), ARRAY<INT> (token ids) or ARRAY<STRUCT<role: STRING, content: STRING, ...>> (a chat")
    messageOf(sql("select tp_generate(array(1L))")) should include("cast(")
    messageOf(sql("select tp_generate(array(1, null))").collect()) should include("token id 1 of the prompt is null")
  }

  test("a null prompt gives null and costs nothing") {
    promptsOf(sql("select tp_generate(null), tp_generate(cast(null as string)), tp_generate(cast(null as array<int>))")
      .collect() shouldBe Array(Row(null, null, null))) shouldBe empty
    sql("select tp_generate(null, failOnError => false)").first().isNullAt(0) shouldBe true
  }

  test("failOnError => false gives a struct, true fails with the row's reason") {
    val frame = sql("select tp_generate(if(id = 3, 'bad row', prompt), failOnError => false) o from t where id < 5")
    frame.schema("o").dataType.sql shouldBe "STRUCT<result: STRING, errorMessage: STRING>"
    frame.select("o.result", "o.errorMessage").collect().toSeq shouldBe Seq(
      Row("gen:p0", null), Row("gen:p1", null), Row("gen:p2", null), Row(null, "this row is bad"), Row("gen:p4", null))
    withConf("spark.lockstep.failOnError" -> "false") {
      sql("select tp_generate('bad row')").first().getStruct(0) shouldBe Row(null, "this row is bad")
    }
    val message = messageOf(sql("select tp_generate('a bad row') from t").collect())
    message should include("this row is bad; the prompt is 'a bad row'")
    message should include("failOnError => false")
  }

  test("a model that cannot be run fails before any job") {
    jobsOf {
      messageOf(sql("select tp_generate(prompt, '/no/fake') from t order by id").collect()) should
        include("/no/fake is no folder with a config.json")
    } shouldBe 0
  }

  test("a mistyped key, and a value that cannot be read, fail before any job, however the call is written") {
    val frames = Seq(() => sql("select tp_generate(prompt) from t order by id"), () => rows.withColumn("out", tpGenerate(col("prompt"))))
    for (frame <- frames) {
      jobsOf {
        withConf("spark.lockstep.max_new_tokens" -> "5", "spark.lockstep.temprature" -> "1") {
          val message = messageOf(frame().collect())
          message should include("unknown key spark.lockstep.max_new_tokens, the nearest are spark.lockstep.maxNewTokens")
          message should include("unknown key spark.lockstep.temprature, the nearest are spark.lockstep.temperature")
        }
        for ((key, value) <- Seq("maxNewTokens" -> "many", "waitTimeout" -> "soon", "failOnError" -> "perhaps")) {
          withConf(s"spark.lockstep.$key" -> value) {
            messageOf(frame().collect()) should include(s"is '$value', expected")
          }
        }
      } shouldBe 0
    }
    withConf("spark.lockstep.max_new_tokens" -> "5")(rows.count() shouldBe 20)
  }
}
