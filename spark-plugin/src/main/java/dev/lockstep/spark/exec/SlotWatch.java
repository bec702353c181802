package dev.lockstep.spark.exec;

import dev.lockstep.spark.Setting;
import dev.lockstep.spark.Settings;
import dev.lockstep.spark.interop.Scala;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.spark.SparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerApplicationEnd;
import org.apache.spark.scheduler.SparkListenerJobEnd;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.apache.spark.scheduler.SparkListenerStageSubmitted;
import org.apache.spark.scheduler.SparkListenerTaskStart;
import org.apache.spark.scheduler.StageInfo;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says why nothing happens while a barrier stage waits for slots that other jobs hold, and cancels the stage when the wait
 * gets too long. Spark itself waits in silence for ever.
 */
final class SlotWatch extends SparkListener {
    private static final Logger LOG = LoggerFactory.getLogger(SlotWatch.class);
    private static final long REPORT_MILLIS = 10_000;

    private final int rdd;
    private final int ranks;
    private final long timeout;
    private final SparkContext context;
    private int job = -1;
    private int stage = -1;
    private long since;
    private ScheduledExecutorService timer;

    private SlotWatch(int rdd, int ranks, long timeout, SparkContext context) {
        this.rdd = rdd;
        this.ranks = ranks;
        this.timeout = timeout;
        this.context = context;
    }

    /** @param rdd the id of the RDD that the barrier stage computes */
    static void during(int rdd, int ranks, Settings settings, SparkContext context) {
        context.addSparkListener(new SlotWatch(rdd, ranks, settings.whole(Setting.WAIT_TIMEOUT), context));
    }

    @Override
    public synchronized void onStageSubmitted(SparkListenerStageSubmitted submitted) {
        StageInfo info = submitted.stageInfo();
        if (runsRanks(info) && timer == null) {
            stage = info.stageId();
            since = System.currentTimeMillis();
            timer = Executors.newSingleThreadScheduledExecutor(task -> {
                Thread thread = new Thread(task, "lockstep-slot-watch");
                thread.setDaemon(true);
                return thread;
            });
            long period = Math.max(1, Math.min(REPORT_MILLIS, timeout));
            timer.scheduleAtFixedRate(this::report, period, period, TimeUnit.MILLISECONDS);
        }
    }

    private synchronized void report() {
        long waited = System.currentTimeMillis() - since;
        if (waited >= timeout) {
            context.cancelStage(
                    stage,
                    ranks + " task slots did not become free at the same time within " + timeout / 1000 + " s ("
                            + Setting.WAIT_TIMEOUT.key() + "): other jobs hold them. Wait for those, or set "
                            + Setting.MAX_RANKS.key() + " to take fewer slots");
            stop();
        } else {
            LOG.warn(
                    "waiting for {} free task slots, {} s of {} s: other jobs hold them",
                    ranks,
                    waited / 1000,
                    timeout / 1000);
        }
    }

    private void stop() {
        if (timer != null) {
            timer.shutdownNow();
            timer = null;
        }
    }

    @Override
    public synchronized void onTaskStart(SparkListenerTaskStart started) {
        if (started.stageId() == stage) {
            stop();
        }
    }

    @Override
    public synchronized void onJobStart(SparkListenerJobStart started) {
        boolean ours = Scala.list(started.stageInfos()).stream().anyMatch(this::runsRanks);
        if (ours && job < 0) {
            job = started.jobId();
        }
    }

    @Override
    public synchronized void onJobEnd(SparkListenerJobEnd ended) {
        if (ended.jobId() == job) {
            stop();
            context.removeSparkListener(this);
        }
    }

    private boolean runsRanks(StageInfo stage) {
        return Scala.list(stage.rddInfos()).stream().anyMatch(each -> each.id() == rdd);
    }

    @Override
    public synchronized void onApplicationEnd(SparkListenerApplicationEnd end) {
        stop();
    }
}
