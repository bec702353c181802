package dev.lockstep.spark

import java.nio.file.{Files, Path}

import org.apache.spark.sql.Row
import org.apache.spark.sql.functions._

import dev.lockstep.spark.functions.tpGenerate

/** Chats: arrays of structs as prompts. The fake engine answers with the messages' fields, sorted. */
class ChatSuite extends SparkSuite {
  private lazy val chats = rows.select(
    col("id"),
    array(
      struct(lit("system").as("role"), lit("be brief").as("content")),
      struct(lit("user").as("role"), col("prompt").as("content"))).as("messages"))

  override protected def beforeAll(): Unit = {
    super.beforeAll()
    chats.createOrReplaceTempView("chats")
  }

  private def answer(prompt: String) =
    s"gen:(content,be brief) (role,system); (content,$prompt) (role,user)"

  test("a column of messages, in order") {
    strings(chats.select(tpGenerate(col("messages")))) shouldBe (0 until 20).map(i => answer(s"p$i"))
  }

  test("SQL, also inside a barrier stage") {
    strings(sql("select tp_generate(messages) from chats where id = 5")) shouldBe Seq(answer("p5"))
    strings(sql("select tp_generate(messages, tp => 2) from chats where id < 2 order by id")) shouldBe
      Seq(answer("p0"), answer("p1"))
    strings(sql("select tp_generate(array(named_struct('role', 'user', 'content', 'hi')))")) shouldBe
      Seq("gen:(content,hi) (role,user)")
  }

  test("all fields reach the template, and null ones but content are as if they were not there") {
    val out = sql("""select tp_generate(array(
      named_struct('role', 'user', 'content', 'q', 'name', cast(null as string),
        'tool_calls', cast(null as array<struct<id: string, arguments: map<string, double>>>), 'n', 1, 'flag', false),
      named_struct('role', 'assistant', 'content', null, 'name', 'a',
        'tool_calls', array(named_struct('id', 'x', 'arguments', map('k', 1.5D))), 'n', 2, 'flag', true)))""")
    strings(out) shouldBe Seq("gen:(content,q) (flag,false) (n,1) (role,user); (content,null) (flag,true) (n,2)" +
      " (name,a) (role,assistant) (tool_calls,[{id=x, arguments={k=1.5}}])")
  }

  test("null and broken chats") {
    val frame = sql("""select tp_generate(m, failOnError => false) o from values
      (1, array(named_struct('role', 'user', 'content', 'hi'))),
      (2, null),
      (3, array()),
      (4, array(null)),
      (5, array(named_struct('role', null, 'content', 'x'))) as t(id, m) order by id""")
    frame.select("o.result", "o.errorMessage").collect().toSeq shouldBe Seq(
      Row("gen:(content,hi) (role,user)", null),
      Row(null, null),
      Row(null, "the chat has no messages, expected at least one"),
      Row(null, "message 0 of the prompt is null"),
      Row(null, "message 0 of the chat has the role null, expected a role such as system, user or assistant"))
    messageOf(sql("select tp_generate(array(named_struct('role', 'user', 'content', 'bad row')))").collect()) should
      include("this row is bad; the prompt is '[{role=user, content=bad row}]'")
  }

  test("what is no chat is refused when the query is analysed") {
    messageOf(sql("select tp_generate(array(named_struct('content', 'x')))")) should include("ARRAY<STRUCT<role: STRING")
    messageOf(sql("select tp_generate(array(named_struct('role', 1)))")) should include("(a chat")
    messageOf(sql("select tp_generate(array(named_struct('role', 'a', 'at', current_date())))")) should include("(a chat")
    messageOf(sql("select tp_generate(named_struct('role', 'a', 'content', 'b'))")) should include("(a chat")
  }

  test("a model without chat template fails before any job, for chats only") {
    model.chats = false
    try {
      // Files tell one checkpoint from another, and what was found right is remembered.
      Files.writeString(model.folder.resolve("note"), "changed")
      strings(rows.limit(1).select(tpGenerate(col("prompt")))) shouldBe Seq("gen:p0")
      jobsOf {
        messageOf(sql("select tp_generate(messages) from chats order by id").collect()) should include("has no chat template")
      } shouldBe 0
    } finally model.chats = true
  }

  test("a real checkpoint's template") {
    val folder = Files.createTempDirectory("dates-chat")
    val dates = Path.of("../../examples/dates/model")
    assume(Files.isDirectory(dates))
    Files.list(dates).forEach(file => if (Files.isRegularFile(file)) Files.copy(file, folder.resolve(file.getFileName)))
    messageOf(sql(s"select tp_generate(messages, '$folder') from chats").collect()) should include("has no chat template")
    Files.writeString(folder.resolve("chat_template.jinja"),
      "{% if messages|length > 1 %}{{ raise_exception('one message at a time') }}{% endif %}{{ messages[0].content }}</s>")
    val asked = "array(named_struct('role', 'user', 'content', 'le 30 mars 1981 22:13'))"
    strings(sql(s"select tp_generate($asked, '$folder')")) shouldBe Seq("1981-03-30")
    sql(s"select tp_generate(messages, '$folder', failOnError => false).errorMessage from chats limit 1").first()
      .getString(0) should startWith("the chat template refuses the messages: one message at a time")
  }
}
