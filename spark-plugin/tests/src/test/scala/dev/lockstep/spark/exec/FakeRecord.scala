package dev.lockstep.spark.exec

import java.nio.charset.StandardCharsets.UTF_8
import java.nio.file.{Files, Path, StandardOpenOption}

import scala.jdk.CollectionConverters._
import scala.util.Using

/**
 * What the JVMs that share a fake model have done: each appends lines to files of its own, named by its process id. A
 * line is written at once, so that what a process did is known after it was killed.
 */
final class FakeRecord(folder: Path) {
  Files.createDirectories(folder)

  def ran(prompt: String): Unit = append("prompts", prompt)
  def opened(rank: Int): Unit = append("opened", rank.toString)

  /** Every prompt that was run by any process. */
  def prompts: Seq[String] = Using.resource(Files.list(folder)) { files =>
    files.iterator.asScala.filter(_.getFileName.toString.startsWith("prompts-")).toSeq.flatMap(lines)
  }

  private def append(kind: String, line: String): Unit = synchronized {
    val file = folder.resolve(s"$kind-${ProcessHandle.current.pid}")
    Files.write(file, (line + "\n").getBytes(UTF_8), StandardOpenOption.CREATE, StandardOpenOption.APPEND)
  }

  private def lines(file: Path): Seq[String] = Files.readAllLines(file).asScala.toSeq
}
