package dev.lockstep.spark.exec;

import dev.lockstep.spark.Setting;
import dev.lockstep.spark.Settings;
import java.util.Date;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.spark.SparkContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Groups of one job that wait for task slots. While one of them runs, the others wait. When none runs, this logs the
 * reason every ten seconds, and cancels them after the timeout. Spark itself would wait forever without a message.
 */
final class SlotWait {
    private static final Logger LOG = LoggerFactory.getLogger(SlotWait.class);
    private static final long REPORT_MILLIS = 10_000;

    private final int tp;
    private final long timeout;
    private final SparkContext context;
    /** Slots that each stage needs. */
    private final Map<Integer, Integer> waiting = new HashMap<>();

    private final Set<Integer> running = new HashSet<>();
    private final Date start = new Date();
    private long since;
    private ScheduledExecutorService timer;

    SlotWait(Settings settings, SparkContext context) {
        this.tp = settings.integer(Setting.TP);
        this.timeout = settings.whole(Setting.WAIT_TIMEOUT);
        this.context = context;
    }

    synchronized void begin(int stage, int slots) {
        waiting.put(stage, slots);
        if (running.isEmpty() && timer == null) {
            start();
        }
    }

    synchronized void running(int stage) {
        if (waiting.remove(stage) != null) {
            running.add(stage);
            stop();
        }
    }

    synchronized void end(int stage) {
        waiting.remove(stage);
        running.remove(stage);
        if (waiting.isEmpty()) {
            stop();
        } else if (running.isEmpty() && timer == null) {
            start();
        }
    }

    synchronized void close() {
        waiting.clear();
        running.clear();
        stop();
    }

    private void start() {
        since = System.currentTimeMillis();
        timer = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "lockstep-slot-wait");
            thread.setDaemon(true);
            return thread;
        });
        long period = Math.max(1, Math.min(REPORT_MILLIS, timeout));
        timer.scheduleAtFixedRate(this::report, period, period, TimeUnit.MILLISECONDS);
    }

    private void stop() {
        if (timer != null) {
            timer.shutdownNow();
            timer = null;
        }
    }

    private synchronized void report() {
        if (timer == null) {
            return;
        }
        List<ExecutorSlots> executors = ExecutorSlots.of(context);
        int needed = waiting.values().stream().mapToInt(Integer::intValue).max().orElse(1);
        if (needed < tp && !executors.isEmpty()) {
            // The input's tasks take slots one by one, like those of any job.
            since = System.currentTimeMillis();
            return;
        }
        long waited = System.currentTimeMillis() - since;
        String why = why(executors, needed, ExecutorSlots.lostSince(start, context));
        if (waited < timeout) {
            LOG.warn("ranks wait for task slots, {} s of {} s: {}", waited / 1000, timeout / 1000, why);
            return;
        }
        String message = "tp = " + tp + " needs " + needed + " free task slots at the same time, but within "
                + timeout / 1000 + " s (" + Setting.WAIT_TIMEOUT.key() + ") they were not there: " + why;
        Set<Integer> stages = new HashSet<>(waiting.keySet());
        close();
        stages.forEach(stage -> context.cancelStage(stage, message));
    }

    /**
     * What keeps a group from starting, and what to do.
     *
     * @param lost executors that were lost, and why
     */
    static String why(List<ExecutorSlots> executors, int tp, List<String> lost) {
        String losses = lost.isEmpty()
                ? ""
                : "; " + lost.size() + (lost.size() == 1 ? " executor was" : " executors were") + " lost meanwhile: "
                        + String.join("; ", lost);
        if (executors.isEmpty()) {
            return "no executor is left" + losses + ". Give the application executors, then run the query again";
        }
        int largest = ExecutorSlots.largest(executors);
        if (largest < tp) {
            return "the largest executor that is left has " + largest + " task slots" + losses
                    + ". Give the application an executor with " + tp + ", or use tp = " + largest;
        }
        return "other jobs hold them (" + ExecutorSlots.free(executors) + " of " + ExecutorSlots.total(executors)
                + " task slots are free" + losses + "). Wait for those jobs, or give the application more executors";
    }
}
