package dev.lockstep.spark.cluster

import java.nio.file.{Files, Path}

import scala.sys.process._
import scala.util.Try

/**
 * A folder on a disk that is soon full: a file system of its own where this process may mount one, else a folder for
 * processes whose files may not grow.
 *
 * @param megabytes of the file system
 * @param fileMegabytes of one file, where nothing can be mounted
 */
final class SmallDisk(megabytes: Int, fileMegabytes: Int) extends AutoCloseable {
  val folder: Path = Files.createTempDirectory("small-disk")
  val mounted: Boolean =
    Try(Seq("mount", "-t", "tmpfs", "-o", s"size=${megabytes}m", "tmpfs", folder.toString).!(ProcessLogger(_ => ())))
      .toOption.contains(0)

  /** What a process that writes there must be started by. */
  def prefix: Seq[String] =
    if (mounted) Nil else Seq("bash", "-c", s"""ulimit -f ${fileMegabytes * 1024} && exec "$$@"""", "limited")

  override def close(): Unit = if (mounted) Seq("umount", "-l", folder.toString).!
}
