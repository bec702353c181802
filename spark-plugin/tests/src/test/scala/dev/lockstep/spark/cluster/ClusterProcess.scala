package dev.lockstep.spark.cluster

/**
 * Main of a master or worker in a JVM of its own: runs the main of the class named first, and ends with the JVM that
 * started it, however that ends, because its standard input does.
 */
object ClusterProcess {
  def main(arguments: Array[String]): Unit = {
    val watch = new Thread(() => {
      while (System.in.read() >= 0) {}
      Runtime.getRuntime.halt(1)
    }, "parent-watch")
    watch.setDaemon(true)
    watch.start()
    Class.forName(arguments.head).getMethod("main", classOf[Array[String]]).invoke(null, arguments.tail)
  }
}
