package dev.lockstep.spark.exec;

import dev.lockstep.engine.EngineOptions;
import dev.lockstep.runtime.HostMemory;
import dev.lockstep.spark.Setting;
import dev.lockstep.spark.Settings;
import org.apache.spark.SparkConf;

/** A rank's share of its executor's cores and memory, where its options do not set them. */
final class Threads {
    private Threads() {}

    /** The options with worker threads and memory filled in: the executor's, shared by the ranks in it. */
    static EngineOptions withThreads(Settings settings, SparkConf conf) {
        EngineOptions options = settings.engineOptions();
        int ranks = ranks(settings);
        int threads = options.threads() > 0 ? options.threads() : Math.max(1, cores(conf) / ranks);
        long heap = Runtime.getRuntime().maxMemory();
        return with(
                options,
                threads,
                ExecutorMemory.perRank(conf, ranks, HostMemory.now().limit(), heap));
    }

    /** The options with the memory filled in that executors will have, as far as a driver can know. */
    static EngineOptions asOnExecutors(Settings settings, SparkConf conf) {
        EngineOptions options = settings.engineOptions();
        return with(options, options.threads(), ExecutorMemory.perRank(conf, ranks(settings)));
    }

    /** Ranks in one executor: with tp = 1 its tasks share one. */
    private static int ranks(Settings settings) {
        int tp = settings.integer(Setting.TP);
        return tp == 1 ? 1 : tp * settings.integer(Setting.GROUPS_PER_EXECUTOR);
    }

    private static EngineOptions with(EngineOptions options, int threads, long memory) {
        EngineOptions threaded = options.withThreads(threads);
        return options.memoryBudget() > 0 ? threaded : threaded.withMemoryBudget(memory);
    }

    private static int cores(SparkConf conf) {
        int machine = Runtime.getRuntime().availableProcessors();
        String master = conf.get("spark.master", "");
        if (master.matches("local\\[\\d+.*")) {
            return Math.min(machine, Integer.parseInt(master.replaceAll("\\D+(\\d+).*", "$1")));
        }
        return Math.min(machine, conf.getInt("spark.executor.cores", machine));
    }
}
