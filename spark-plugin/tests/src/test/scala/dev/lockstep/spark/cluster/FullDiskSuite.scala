package dev.lockstep.spark.cluster

import scala.util.{Random, Try, Using}

import org.apache.spark.sql.functions._

import dev.lockstep.spark.exec.FakeEngine

/** The disk is full when results are written. */
class FullDiskSuite extends StandaloneSuite {
  private val count = 2000

  /** 16 MB that cannot be compressed: written twice while shuffle 1 is made, again as results. */
  private val noise = udf((id: Long) => FullDisk.noise(id))

  test("tp = 2: rows are inferred once, and the error names the folder and the setting") {
    Using.resource(new SmallDisk(megabytes = 28, fileMegabytes = 6)) { disk =>
      info(if (disk.mounted) "a small file system is full" else "nothing can be mounted here: files may not grow")
      withCluster { cluster =>
        cluster.worker(cores = 2, Seq(s"-Dspark.local.dir=${disk.folder}"), disk.prefix)
        withSession(cluster) { spark =>
          new Executors(spark).await(1)
          val model = FakeEngine.shared()
          val rows = Keyed.prompts(spark, count, 4).withColumn("noise", noise(col("id")))
          val job = Jobs.started(generated(rows, model, tp = 2).rdd.map(_.length).count())
          val message = Jobs.message(Try(Jobs.ended(spark, job)).failed.get)
          message should include(disk.folder.toString)
          message should include("spark.local.dir")
          model.prompts.distinct.size should be > count / 4
          model.prompts.diff(model.prompts.distinct) shouldBe empty
        }
      }
    }
  }
}

object FullDisk {
  def noise(id: Long): Array[Byte] = new Random(id).nextBytes(8192)
}
