package dev.lockstep.spark

import org.apache.spark.sql.{Row, SparkSession}

/** What a view's columns are is settled when it is made, whatever the session that reads it has set. */
class ViewSuite extends SparkSuite {
  // Before Spark 4.2 functions that an extension brings are temporary ones, which permanent views may not call.
  private lazy val permanent = !spark.version.startsWith("4.0") && !spark.version.startsWith("4.1")
  private val failOnError = "spark.lockstep.failOnError"
  private val reports = "STRUCT<result: STRING, errorMessage: STRING>"

  override protected def beforeAll(): Unit = {
    super.beforeAll()
    sql("create table kept (id int, prompt string) using parquet")
    sql("insert into kept values (1, 'p1')")
  }

  /** Makes the view under these settings: a temporary one, and a permanent one where Spark has them. Gives their names. */
  private def views(name: String, settings: (String, String)*)(body: String): Seq[String] = withConf(settings: _*) {
    sql(s"create or replace temporary view temp_$name as $body")
    if (permanent) sql(s"create or replace view $name as $body")
    else info(s"$name: a temporary view only, permanent ones of tp_generate need Spark 4.2")
    Seq(s"temp_$name") ++ Option.when(permanent)(name)
  }

  private def columnType(view: String, column: String = "o"): String = {
    val read = spark.table(view).schema(column).dataType
    val described = sql(s"describe $view").filter(s"col_name = '$column'").first().getString(1)
    described shouldBe read.simpleString
    read.sql
  }

  private def value(view: String): Any = sql(s"select o from $view").first().get(0)

  test("failOnError") {
    for (view <- views("lenient", failOnError -> "false")("select tp_generate(prompt) o from kept")) withClue(view) {
      columnType(view) shouldBe reports
      value(view) shouldBe Row("gen:p1", null)
      withConf(failOnError -> "true")(value(view) shouldBe Row("gen:p1", null))
    }
    for (view <- views("strict")("select tp_generate(prompt) o from kept")) withClue(view) {
      withConf(failOnError -> "false") {
        columnType(view) shouldBe "STRING"
        value(view) shouldBe "gen:p1"
        sql("select tp_generate('p2')").first().getStruct(0) shouldBe Row("gen:p2", null)
      }
    }
    for (view <- views("told", failOnError -> "true")("select tp_generate(prompt, failOnError => false) o from kept")) {
      columnType(view) shouldBe reports
    }
  }

  test("n and logprobs") {
    val one = "select tp_generate(prompt, temperature => 0.7, max_new_tokens => 2) o from kept"
    for (view <- views("two", "spark.lockstep.n" -> "2")(one)) columnType(view) shouldBe "ARRAY<STRING>"
    for (view <- views("likely", "spark.lockstep.logprobs" -> "0")(one)) columnType(view) should startWith("STRUCT<text: STRING")
    for (view <- views("plain")(one)) withConf("spark.lockstep.n" -> "2", "spark.lockstep.logprobs" -> "1") {
      columnType(view) shouldBe "STRING"
      value(view) shouldBe "gen:p1"
    }
  }

  test("a view over a view keeps what each was made with") {
    views("inner", failOnError -> "false")("select id, prompt, tp_generate(prompt) i from kept")
    for (inner <- Seq("temp_inner") ++ Option.when(permanent)("inner")) {
      sql(s"create or replace temporary view outer as select i, tp_generate(concat(prompt, '!')) o from $inner")
      for (reader <- Seq("true", "false")) withConf(failOnError -> reader) {
        columnType("outer") shouldBe "STRING"
        columnType("outer", "i") shouldBe reports
        sql("select i, o from outer").first() shouldBe Row(Row("gen:p1", null), "gen:p1!")
      }
    }
  }

  test("another session, with other settings, reads the same") {
    assume(permanent, "permanent views of tp_generate need Spark 4.2")
    views("shared", failOnError -> "false")("select tp_generate('options?') o from kept")
    val other = spark.newSession()
    other.conf.set(failOnError, "true")
    other.conf.set("spark.lockstep.maxNewTokens", "34")
    val read = other.table("shared")
    read.schema("o").dataType.sql shouldBe reports
    read.select("o.result").first().getString(0) should include("maxNewTokens=34")
  }

  test("outside views every session has its own, and a second session registers nothing twice") {
    val other = spark.newSession()
    other.conf.set(failOnError, "false")
    def typeIn(session: SparkSession): String = session.sql("select tp_generate('p') o").schema("o").dataType.sql
    typeIn(other) shouldBe reports
    typeIn(spark) shouldBe "STRING"
    spark.conf.getOption(failOnError) shouldBe None
    sql(s"set $failOnError").first() shouldBe Row(failOnError, "<undefined>")
  }

  test("a second class loader with this plugin") {
    val jars = Seq(classOf[LockstepExtensions], classOf[dev.lockstep.engine.EngineOptions])
      .map(_.getProtectionDomain.getCodeSource.getLocation)
    val loader = new java.net.URLClassLoader(jars.toArray, getClass.getClassLoader) {
      override def loadClass(name: String, resolve: Boolean): Class[_] =
        if (!name.startsWith("dev.lockstep.")) super.loadClass(name, resolve)
        else Option(findLoadedClass(name)).getOrElse(findClass(name))
    }
    val keys = loader.loadClass("dev.lockstep.spark.plan.CapturedKeys")
    keys.getClassLoader shouldBe loader
    keys.getMethod("register").invoke(null)
  }
}
