package dev.lockstep.spark.exec;

import dev.lockstep.engine.EngineOptions;
import dev.lockstep.spark.Setting;
import dev.lockstep.spark.Settings;
import org.apache.spark.SparkConf;

/** How many cores of its executor a rank may use. */
final class Threads {
    private Threads() {}

    /** The options with worker threads filled in: the executor's cores, shared by the ranks in it. */
    static EngineOptions withThreads(Settings settings, SparkConf conf) {
        EngineOptions options = settings.engineOptions();
        if (options.threads() > 0) {
            return options;
        }
        int groups = options.tp() == 1 ? 1 : settings.integer(Setting.GROUPS_PER_EXECUTOR);
        int threads = Math.max(1, cores(conf) / (options.tp() * groups));
        return options.withThreads(threads);
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
