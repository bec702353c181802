package dev.lockstep.spark.exec;

import org.apache.spark.SparkConf;

/**
 * The memory that the ranks of an executor may hold outside its heap. Where a cluster manager gives executors a
 * container, this is the requested memory overhead plus the off-heap size, less what the JVM and Spark itself need.
 */
final class ExecutorMemory {
    /** Thread stacks, classes, compiled code and network buffers of an executor. */
    static final long SPARKS_OWN = 128L << 20;

    private static final String OVERHEAD = "spark.executor.memoryOverhead";
    /** What cluster managers take where nothing is set. */
    private static final double DEFAULT_FACTOR = 0.1;

    private ExecutorMemory() {}

    /**
     * Bytes that all ranks of an executor may hold together; 0 where executors have no container of a known size (in
     * local mode, and on Standalone unless {@code spark.executor.memoryOverhead} is set): ranks then use the memory
     * that is free when they are opened.
     */
    static long room(SparkConf conf) {
        String master = conf.get("spark.master", "");
        boolean contained = master.startsWith("yarn") || master.startsWith("k8s");
        boolean local = master.startsWith("local") && !master.startsWith("local-cluster");
        if (local || !contained && !conf.contains(OVERHEAD)) {
            return 0;
        }
        boolean offHeap = conf.getBoolean("spark.memory.offHeap.enabled", false);
        long room = overhead(conf) + (offHeap ? conf.getSizeAsBytes("spark.memory.offHeap.size", "0") : 0);
        // At least one byte, since 0 would mean what is free: a rank that may hold nothing is refused, with the setting
        // to change.
        return Math.max(1, room - SPARKS_OWN);
    }

    /** As {@link #room(SparkConf)}, and at most what a container of this limit has outside a heap of this size. */
    static long room(SparkConf conf, long limit, long heap) {
        long asked = room(conf);
        return asked == 0 ? 0 : Math.max(1, Math.min(asked, limit - heap));
    }

    /** Bytes that each of so many ranks may hold, 0 as in {@link #room(SparkConf)}. */
    static long perRank(SparkConf conf, int ranks) {
        return share(room(conf), ranks);
    }

    /**
     * As {@link #perRank(SparkConf, int)}, and at most what a container of this limit has outside a heap of this size.
     */
    static long perRank(SparkConf conf, int ranks, long limit, long heap) {
        return share(room(conf, limit, heap), ranks);
    }

    private static long share(long room, int ranks) {
        return room == 0 ? 0 : Math.max(1, room / ranks);
    }

    private static long overhead(SparkConf conf) {
        if (conf.contains(OVERHEAD)) {
            return conf.getSizeAsMb(OVERHEAD) << 20;
        }
        long heap = conf.getSizeAsMb("spark.executor.memory", "1g") << 20;
        long least = conf.getSizeAsMb("spark.executor.minMemoryOverhead", "384m") << 20;
        double factor = conf.getDouble("spark.executor.memoryOverheadFactor", DEFAULT_FACTOR);
        return Math.max(least, (long) (heap * factor));
    }
}
