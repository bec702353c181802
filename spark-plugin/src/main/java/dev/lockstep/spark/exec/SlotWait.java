package dev.lockstep.spark.exec;

import dev.lockstep.spark.Setting;
import dev.lockstep.spark.Settings;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.spark.SparkContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Groups of one job that wait for task slots. While one of them runs, the others wait their turn; when none does, this says
 * why every ten seconds, and cancels them when it takes too long. Spark itself waits in silence for ever.
 */
final class SlotWait {
    private static final Logger LOG = LoggerFactory.getLogger(SlotWait.class);
    private static final long REPORT_MILLIS = 10_000;

    private final int tp;
    private final long timeout;
    private final SparkContext context;
    private final Set<Integer> waiting = new HashSet<>();
    private final Set<Integer> running = new HashSet<>();
    private int lost;
    private String lastLost = "";
    private long since;
    private ScheduledExecutorService timer;

    SlotWait(Settings settings, SparkContext context) {
        this.tp = settings.integer(Setting.TP);
        this.timeout = settings.whole(Setting.WAIT_TIMEOUT);
        this.context = context;
    }

    synchronized void begin(int stage) {
        waiting.add(stage);
        if (running.isEmpty() && timer == null) {
            start();
        }
    }

    synchronized void running(int stage) {
        if (waiting.remove(stage)) {
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

    synchronized void lost(String executor, String reason) {
        lost++;
        lastLost = "executor " + executor + ": " + reason;
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
        long waited = System.currentTimeMillis() - since;
        String why = why(ExecutorSlots.of(context), tp, lost, lastLost);
        if (waited < timeout) {
            LOG.warn("ranks wait for task slots, {} s of {} s: {}", waited / 1000, timeout / 1000, why);
            return;
        }
        String message = "tp = " + tp + " needs " + tp + " free task slots at the same time, but within "
                + timeout / 1000 + " s (" + Setting.WAIT_TIMEOUT.key() + ") they were not there: " + why;
        Set<Integer> stages = new HashSet<>(waiting);
        close();
        stages.forEach(stage -> context.cancelStage(stage, message));
    }

    /** What keeps a group from starting, and what to do. */
    static String why(List<ExecutorSlots> executors, int tp, int lost, String lastLost) {
        String losses = lost == 0
                ? ""
                : "; " + lost + (lost == 1 ? " executor was" : " executors were") + " lost, the last one was "
                        + lastLost;
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
