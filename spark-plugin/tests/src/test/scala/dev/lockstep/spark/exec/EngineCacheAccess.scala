package dev.lockstep.spark.exec

object EngineCacheAccess {
  def size: Int = EngineCache.ofExecutor().size()
}
