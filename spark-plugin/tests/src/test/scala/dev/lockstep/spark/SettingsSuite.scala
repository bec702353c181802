package dev.lockstep.spark

import java.util.{List => JavaList, Map => JavaMap}

import org.scalatest.funsuite.AnyFunSuite
import org.scalatest.matchers.should.Matchers

/** Every key, its default, its argument and how its value is read. */
class SettingsSuite extends AnyFunSuite with Matchers {
  // key -> (argument, default, text, value read)
  private val mapping: Map[String, (String, Any, String, Any)] = Map(
    "model" -> ("model", null, "/models/m", "/models/m"),
    "tp" -> ("tp", 1, "4", 4),
    "dtype" -> ("dtype", "fp32", "bf16", "bf16"),
    "cacheDtype" -> ("cache_dtype", "auto", "int8", "int8"),
    "device" -> ("device", "auto", "cpu", "cpu"),
    "split" -> ("split", "cost", "max", "max"),
    "threads" -> (null, 0, "3", 3),
    "memoryBudget" -> (null, 0L, "2g", 2L << 30),
    "maxBatchTokens" -> (null, 0, "4096", 4096),
    "maxSequences" -> (null, 0, "32", 32),
    "prefixSharing" -> (null, true, "false", false),
    "deterministic" -> (null, false, "true", true),
    "maxNewTokens" -> ("max_new_tokens", 64, "16", 16),
    "temperature" -> ("temperature", 0.0, "0.5", 0.5),
    "topK" -> ("top_k", 0, "40", 40),
    "topP" -> ("top_p", 1.0, "0.9", 0.9),
    "minP" -> ("min_p", 0.0, "0.1", 0.1),
    "typicalP" -> ("typical_p", 1.0, "0.8", 0.8),
    "n" -> ("n", 1, "2", 2),
    "repetitionPenalty" -> ("repetition_penalty", 1.0, "1.2", 1.2),
    "presencePenalty" -> ("presence_penalty", 0.0, "0.5", 0.5),
    "frequencyPenalty" -> ("frequency_penalty", 0.0, "-0.5", -0.5),
    "noRepeatNgramSize" -> ("no_repeat_ngram_size", 0, "3", 3),
    "logitBias" -> ("logit_bias", JavaMap.of(), """{"11": 2.5, "7": -100}""", JavaMap.of(7, -100.0, 11, 2.5)),
    "numBeams" -> ("num_beams", 1, "1", 1),
    "lengthPenalty" -> ("length_penalty", 1.0, "0.7", 0.7),
    "earlyStopping" -> ("early_stopping", false, "true", true),
    "seed" -> ("seed", 0L, "9000000000", 9000000000L),
    "stop" -> ("stop", JavaList.of(), "END", JavaList.of("END")),
    "stopTokenIds" -> ("stop_token_ids", JavaList.of(), "5, 6", JavaList.of(5, 6)),
    "minNewTokens" -> ("min_new_tokens", 0, "2", 2),
    "choice" -> ("choice", JavaList.of(), "yes", JavaList.of("yes")),
    "regex" -> ("regex", "", "", ""),
    "jsonSchema" -> ("json_schema", "", "", ""),
    "logprobs" -> ("logprobs", -1, "3", 3),
    "ignoreEos" -> ("ignore_eos", false, "TRUE", true),
    "failOnError" -> ("failOnError", true, "false", false),
    "waitTimeout" -> (null, 600000L, "30s", 30000L),
    "groupTimeout" -> (null, 600000L, "1m", 60000L),
    "maxRanks" -> (null, 0, "8", 8),
    "groupsPerExecutor" -> (null, 1, "2", 2),
    "rowsInFlight" -> (null, 256, "64", 64),
    "idleEngines" -> (null, 1, "3", 3),
    "idleTimeout" -> (null, 600000L, "5s", 5000L))

  test("every setting is in the table, under its key") {
    Setting.values.map(_.key).toSet shouldBe mapping.keySet.map("spark.lockstep." + _)
  }

  test("defaults and arguments") {
    for (setting <- Setting.values) {
      val (argument, default, _, _) = mapping(setting.key.stripPrefix("spark.lockstep."))
      withClue(setting.key) {
        setting.argument shouldBe argument
        setting.defaultValue shouldBe default
        if (argument != null) Setting.ofArgument(argument.toUpperCase) shouldBe setting
      }
    }
    Setting.ofArgument("max_tokens") shouldBe Setting.MAX_NEW_TOKENS
    Setting.ofArgument("fail_on_error") shouldBe Setting.FAIL_ON_ERROR
  }

  test("the full mapping from a session's configuration") {
    val configured = mapping.map { case (key, (_, _, text, _)) => "spark.lockstep." + key -> text }
    val resolved = Settings.NONE.resolve(key => configured.getOrElse(key, null))
    for (setting <- Setting.values) {
      withClue(setting.key)(resolved.get(setting) shouldBe mapping(setting.key.stripPrefix("spark.lockstep."))._4)
    }
    resolved.engineOptions.toString shouldBe "EngineOptions[model=/models/m, tp=4, dtype=bf16, split=max, threads=3," +
      " memoryBudget=2147483648, maxBatchTokens=4096, maxSequences=32," +
      " cacheDtype=int8, prefixSharing=false, deterministic=true, device=cpu]"
    resolved.generationOptions.toString shouldBe "GenerationOptions[" +
      "stopping=Stopping[maxNewTokens=16, minNewTokens=2, ignoreEos=true, strings=[END], tokens=[5, 6]], " +
      "sampling=Sampling[temperature=0.5, topK=40, topP=0.9, minP=0.1, typicalP=0.8, seed=9000000000, samples=2], " +
      "penalties=Penalties[repetition=1.2, presence=0.5, frequency=-0.5, noRepeatNgram=3, " +
      "logitBias={7=-100.0, 11=2.5}], beams=Beams[count=1, lengthPenalty=0.7, earlyStopping=true], " +
      "constraint=Choice[texts=[yes]], logprobs=3]"
  }

  test("a call wins over the session, the session over the default") {
    val resolved = Settings.NONE.`with`(Setting.MODEL, "m").`with`(Setting.TOP_K, 7)
      .resolve(key => if (Set("spark.lockstep.topK", "spark.lockstep.seed")(key)) "3" else null)
    resolved.integer(Setting.TOP_K) shouldBe 7
    resolved.whole(Setting.SEED) shouldBe 3
    resolved.integer(Setting.MAX_NEW_TOKENS) shouldBe 64
    resolved.toString shouldBe "model => m, top_k => 7, seed => 3"
    resolved.shared.has(Setting.TOP_K) shouldBe false
  }

  test("values that cannot be read name the key, the value and what is expected") {
    def error(key: String, text: String): String = intercept[IllegalArgumentException](
      Settings.NONE.`with`(Setting.MODEL, "m").resolve(each => if (each == key) text else null)).getMessage
    error("spark.lockstep.tp", "two") shouldBe "spark.lockstep.tp is 'two', expected a whole number"
    error("spark.lockstep.tp", "1.5") should include("expected a whole number")
    error("spark.lockstep.topP", "NaN") should include("expected a number")
    error("spark.lockstep.failOnError", "yes") should include("expected true or false")
    error("spark.lockstep.memoryBudget", "lots") should include("expected a size such as 8g")
    error("spark.lockstep.waitTimeout", "soon") should include("expected a time such as 30s")
    error("spark.lockstep.rowsInFlight", "0") shouldBe "spark.lockstep.rowsInFlight is 0, expected at least 1"
    error("spark.lockstep.logitBias", "5") should include("expected a map of token ids to numbers")
    error("spark.lockstep.stopTokenIds", "a") should include("expected a whole number, an array of them")
    error("spark.lockstep.minP", "2") should include("min_p is 2.0, expected 0 (all) to 1")
    error("spark.lockstep.n", "2") should include("n is 2, expected 1 at temperature 0")
    error("spark.lockstep.regex", "(a") should include("regex is (a, which cannot be used: at 2")
    error("spark.lockstep.tp", "0") should include("tp is 0, expected at least 1")
  }

  private def nearestArguments(name: String): String =
    intercept[IllegalArgumentException](Setting.ofArgument(name)).getMessage.split("the nearest are ")(1).split("; all are")(0)

  private def nearestKeys(keys: String*): String = {
    val all = Seq("spark.sql.shuffle.partitions", "spark.lockstep.tp") ++ keys.map("spark.lockstep." + _)
    intercept[IllegalArgumentException](SessionKeys.check(JavaList.of(all: _*))).getMessage
  }

  test("a mistyped argument finds its name, aliases among them") {
    nearestArguments("max_tok") should startWith("max_tokens, ")
    for ((typed, meant) <- Seq("temprature" -> "temperature", "temp" -> "temperature", "tmeperature" -> "temperature",
        "topk" -> "top_k", "maxNewTokens" -> "max_new_tokens", "max_new_token" -> "max_new_tokens", "modell" -> "model",
        "sed" -> "seed", "repeat_penalty" -> "repetition_penalty", "n_beams" -> "num_beams", "beams" -> "num_beams",
        "failOnErrors" -> "failOnError", "promt" -> "prompt", "stop_tokens" -> "stop_token_ids", "schema" -> "json_schema")) {
      withClue(typed)(nearestArguments(typed) should (startWith(s"$meant,") or startWith(s"fail_on_error, $meant")))
    }
  }

  test("a mistyped key finds its own, and several are all named") {
    for ((typed, meant) <- Seq("max_new_tokens" -> "maxNewTokens", "maxTokens" -> "maxNewTokens", "maxTok" -> "maxNewTokens",
        "maxnewtokens" -> "maxNewTokens", "top_k" -> "topK", "batchTokens" -> "maxBatchTokens", "waitTimeOut" -> "waitTimeout",
        "fail_on_error" -> "failOnError", "memory" -> "memoryBudget", "modelPath" -> "model", "TP" -> "tp")) {
      withClue(typed)(nearestKeys(typed) should
        include(s"unknown key spark.lockstep.$typed, the nearest are spark.lockstep.$meant, "))
    }
    val two = nearestKeys("temprature", "seeds")
    two should include("unknown key spark.lockstep.seeds, the nearest are spark.lockstep.seed, ")
    two should include("unknown key spark.lockstep.temprature, the nearest are spark.lockstep.temperature, ")
    for (setting <- Setting.values) two should include(setting.key)
    SessionKeys.check(java.util.Set.of("spark.lockstep.tp", "spark.lockstepper.x", "spark.lockstep"))
  }
}
