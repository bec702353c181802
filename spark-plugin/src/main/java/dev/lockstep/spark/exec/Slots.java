package dev.lockstep.spark.exec;

import dev.lockstep.spark.Setting;
import dev.lockstep.spark.Settings;
import java.util.List;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Task slots for ranks: whether the cluster can ever have enough, and how many groups of ranks it has room for. */
final class Slots {
    private static final Logger LOG = LoggerFactory.getLogger(Slots.class);
    private static final long REPORT_MILLIS = 10_000;
    private static final long POLL_MILLIS = 200;

    private Slots() {}

    /** @throws IllegalStateException when no executor will ever have room for a group, saying what to change */
    static void check(Settings settings, SparkContext context) {
        int tp = settings.integer(Setting.TP);
        if (tp == 1) {
            return;
        }
        SparkConf conf = context.getConf();
        if (conf.getBoolean("spark.dynamicAllocation.enabled", false)) {
            throw new IllegalStateException(
                    "tp = " + tp + " needs a barrier stage, which Spark does not run with dynamic"
                            + " allocation: set spark.dynamicAllocation.enabled to false, or use tp = 1");
        }
        int maxRanks = settings.integer(Setting.MAX_RANKS);
        if (maxRanks > 0 && maxRanks < tp) {
            throw new IllegalStateException(
                    "tp = " + tp + " needs " + tp + " task slots, but " + Setting.MAX_RANKS.key() + " is " + maxRanks
                            + ": raise it to " + tp + " or more, or 0 for all slots");
        }
        int largest = largestEver(context, conf);
        if (largest < tp) {
            String change = context.isLocal()
                    ? "use --master local[" + tp + "]"
                    : "raise spark.executor.cores to " + tp * taskCpus(conf);
            throw new IllegalStateException("tp = " + tp + " needs " + tp
                    + " task slots in one executor, but " + (context.isLocal() ? "an" : "the largest")
                    + " executor has "
                    + largest + ": " + change + (largest > 0 ? ", or use tp = " + largest : ""));
        }
    }

    /** Slots of the largest executor that there will be; a large number where that cannot be known. */
    private static int largestEver(SparkContext context, SparkConf conf) {
        List<ExecutorSlots> executors = ExecutorSlots.of(context);
        int largest = ExecutorSlots.largest(executors);
        if (context.isLocal()) {
            return largest;
        }
        if (conf.contains("spark.executor.cores")) {
            return Math.max(largest, conf.getInt("spark.executor.cores", 1) / taskCpus(conf));
        }
        // Executors take all cores of their workers, which differ; the last may not have come yet.
        int asked = conf.getInt("spark.cores.max", Integer.MAX_VALUE);
        return ExecutorSlots.total(executors) * taskCpus(conf) >= asked ? largest : Integer.MAX_VALUE;
    }

    private static int taskCpus(SparkConf conf) {
        return conf.getInt("spark.task.cpus", 1);
    }

    /**
     * How many groups this job has: as many as the executors have room for, once one of them has room for a group.
     *
     * @throws IllegalStateException when none has after {@code spark.lockstep.waitTimeout}
     */
    static int awaitGroups(Settings settings, SparkContext context) {
        int tp = settings.integer(Setting.TP);
        long timeout = settings.whole(Setting.WAIT_TIMEOUT);
        long start = System.currentTimeMillis();
        long reported = start;
        while (true) {
            List<ExecutorSlots> executors = ExecutorSlots.of(context);
            if (ExecutorSlots.largest(executors) >= tp) {
                return groups(executors, settings, context.getConf());
            }
            long now = System.currentTimeMillis();
            if (now - start >= timeout) {
                throw new IllegalStateException(
                        "tp = " + tp + " needs " + tp + " task slots in one executor, but after "
                                + timeout / 1000 + " s " + describe(executors)
                                + ": give executors more cores (spark.executor.cores), use a"
                                + " smaller tp, or raise " + Setting.WAIT_TIMEOUT.key());
            }
            if (now - reported >= REPORT_MILLIS) {
                reported = now;
                LOG.warn(
                        "waiting for an executor with {} task slots, {}; {} s of {} s",
                        tp,
                        describe(executors),
                        (now - start) / 1000,
                        timeout / 1000);
            }
            sleep();
        }
    }

    /** @param executors one of them has room for a group */
    static int groups(List<ExecutorSlots> executors, Settings settings, SparkConf conf) {
        int tp = settings.integer(Setting.TP);
        int perExecutor = settings.integer(Setting.GROUPS_PER_EXECUTOR);
        int maxRanks = settings.integer(Setting.MAX_RANKS);
        int groups = executors.stream()
                .mapToInt(each -> each.groups(tp, perExecutor))
                .sum();
        // Executors register one after the other; a job that starts with the first must not leave the others unused.
        int missing = conf.getInt("spark.executor.instances", 0) - executors.size();
        if (missing > 0) {
            int usual = conf.getInt("spark.executor.cores", 0) / taskCpus(conf);
            groups += missing * Math.min(perExecutor, usual / tp);
        }
        return maxRanks == 0 ? groups : Math.min(groups, maxRanks / tp);
    }

    private static String describe(List<ExecutorSlots> executors) {
        return executors.isEmpty()
                ? "the application has no executor"
                : "the largest of " + executors.size() + " executors has " + ExecutorSlots.largest(executors);
    }

    private static void sleep() {
        try {
            Thread.sleep(POLL_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for task slots", e);
        }
    }
}
