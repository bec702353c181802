package dev.lockstep.spark.exec;

import dev.lockstep.spark.Setting;
import dev.lockstep.spark.Settings;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.apache.spark.resource.ResourceProfile;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Task slots for ranks: whether the cluster can ever have enough, and waiting until it does. */
final class Slots {
    private static final Logger LOG = LoggerFactory.getLogger(Slots.class);
    private static final long REPORT_MILLIS = 10_000;
    private static final long POLL_MILLIS = 200;

    private Slots() {}

    /** What a rank's task needs. The place where a device's resources will come in. */
    static ResourceProfile profile(SparkContext context) {
        return context.resourceProfileManager().defaultResourceProfile();
    }

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
        int slots = ofOneExecutor(context, conf);
        if (slots > 0 && slots < tp) {
            String change = context.isLocal()
                    ? "use --master local[" + tp + "]"
                    : "raise spark.executor.cores to " + tp * conf.getInt("spark.task.cpus", 1);
            throw new IllegalStateException(
                    "tp = " + tp + " needs " + tp + " task slots in one executor, but an executor" + " has " + slots
                            + ": " + change + ", or use tp = " + slots);
        }
    }

    /** 0 when it is not known yet. */
    private static int ofOneExecutor(SparkContext context, SparkConf conf) {
        if (context.isLocal()) {
            return context.maxNumConcurrentTasks(profile(context));
        }
        if (conf.contains("spark.executor.cores")) {
            return conf.getInt("spark.executor.cores", 1) / conf.getInt("spark.task.cpus", 1);
        }
        int executors = context.getExecutorMemoryStatus().size() - 1; // without the driver
        return executors == 0 ? 0 : context.maxNumConcurrentTasks(profile(context)) / executors;
    }

    /**
     * All slots that this job may take, once there are enough for one group.
     *
     * @throws IllegalStateException when there are not after {@code spark.lockstep.waitTimeout}
     */
    static int await(Settings settings, SparkContext context) {
        int tp = settings.integer(Setting.TP);
        long timeout = settings.whole(Setting.WAIT_TIMEOUT);
        long start = System.currentTimeMillis();
        long reported = start;
        while (true) {
            int slots = context.maxNumConcurrentTasks(profile(context));
            if (slots >= tp) {
                int maxRanks = settings.integer(Setting.MAX_RANKS);
                return maxRanks == 0 ? slots : Math.min(slots, maxRanks);
            }
            long now = System.currentTimeMillis();
            if (now - start > timeout) {
                throw new IllegalStateException("tp = " + tp + " needs " + tp + " task slots, but after "
                        + timeout / 1000 + " s the application has " + slots
                        + ": give it more executors or cores, use a"
                        + " smaller tp, or raise " + Setting.WAIT_TIMEOUT.key());
            }
            if (now - reported >= REPORT_MILLIS) {
                reported = now;
                LOG.warn(
                        "waiting for {} task slots, {} are there; {} s of {} s",
                        tp,
                        slots,
                        (now - start) / 1000,
                        timeout / 1000);
            }
            try {
                Thread.sleep(POLL_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while waiting for task slots", e);
            }
        }
    }

    /** Why the placed tasks form no group. */
    static String noGroup(int tasks, Settings settings) {
        int tp = settings.integer(Setting.TP);
        return "tp_generate failed: none of the executors got " + tp + " of the " + tasks + " ranks, but the ranks of a"
                + " group live in one executor: raise or unset " + Setting.MAX_RANKS.key()
                + ", give executors at least "
                + tp + " task slots, or use a smaller tp";
    }
}
