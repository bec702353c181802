package dev.lockstep.spark

import org.apache.spark.sql.functions._

import dev.lockstep.spark.functions.tpGenerate

/** A cluster that can never hold the ranks: said before any job. */
class SlotsSuite extends SparkSuite {
  override protected def master: String = "local[1]"

  test("one slot and tp = 2") {
    jobsOf {
      val message = messageOf(sql("select tp_generate(prompt, tp => 2) from t order by 1").collect())
      message should include("tp = 2 needs 2 task slots in one executor, but an executor has 1")
      message should include("use --master local[2], or use tp = 1")
    } shouldBe 0
    rows.limit(2).withColumn("out", tpGenerate(col("prompt"))).collect() should have length 2
  }

  test("fewer ranks allowed than tp") {
    withConf("spark.lockstep.maxRanks" -> "2", "spark.lockstep.tp" -> "3") {
      messageOf(sql("select tp_generate(prompt) from t").collect()) should include("spark.lockstep.maxRanks is 2: raise it to 3")
    }
  }
}
