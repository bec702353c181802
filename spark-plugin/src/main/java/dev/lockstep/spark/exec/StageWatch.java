package dev.lockstep.spark.exec;

import dev.lockstep.spark.interop.Scala;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.ExceptionFailure;
import org.apache.spark.SparkContext;
import org.apache.spark.Success$;
import org.apache.spark.scheduler.AccumulableInfo;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerApplicationEnd;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;
import org.apache.spark.scheduler.SparkListenerStageCompleted;
import org.apache.spark.scheduler.SparkListenerStageSubmitted;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.scheduler.SparkListenerTaskStart;
import org.apache.spark.scheduler.StageInfo;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches the stages that run inference, while there are any: ends a job whose failure repeating will not mend, says when rows
 * are inferred again, and has {@link SlotWait} say why nothing happens while ranks wait for slots.
 *
 * <p>It listens from when a stage attempt is submitted to when the last one is completed, so that frames which are only
 * looked at leave nothing behind.
 */
final class StageWatch extends SparkListener {
    private static final Logger LOG = LoggerFactory.getLogger(StageWatch.class);

    /** The one thread in which Spark's scheduler submits stages. */
    private static final String SCHEDULER = "dag-scheduler-event-loop";

    private final SparkContext context;
    /** Null where tasks wait for slots like any others. */
    private final SlotWait wait;

    private final InferenceMetrics metrics;
    private final AttemptCounts counts;
    /** Null where results are not kept. */
    private final FinishedChunks finished;

    private final Set<Integer> rdds = new HashSet<>();
    /** The watched RDD of each stage that is under way. */
    private final Map<Integer, Integer> active = new HashMap<>();

    private final Set<Integer> completed = new HashSet<>();
    private boolean listening;
    private boolean prepared;
    /** Attempts that were begun and not announced to listeners yet. */
    private int begun;

    StageWatch(SparkContext context, SlotWait wait, InferenceMetrics metrics, FinishedChunks finished) {
        this.context = context;
        this.wait = wait;
        this.metrics = metrics;
        this.counts = metrics.attemptCounts();
        this.finished = finished;
    }

    /** @param rdd the id of an RDD that only the stages to be watched compute */
    synchronized void over(int rdd) {
        rdds.add(rdd);
    }

    /**
     * Called on the driver by an RDD that is asked where it would like to run. Only the scheduler asks because it is about to
     * submit a stage; others, such as the RDD of a {@code coalesce}, just look.
     */
    synchronized void begin() {
        if (!Thread.currentThread().getName().equals(SCHEDULER)) {
            return;
        }
        begun++;
        if (!listening) {
            listening = true;
            context.addSparkListener(this);
        }
    }

    private synchronized void end() {
        if (wait != null) {
            wait.close();
        }
        active.clear();
        listening = false;
        context.removeSparkListener(this);
    }

    @Override
    public synchronized void onStageSubmitted(SparkListenerStageSubmitted submitted) {
        StageInfo stage = submitted.stageInfo();
        Integer rdd = watched(stage);
        if (rdd == null) {
            return;
        }
        begun = Math.max(0, begun - 1);
        active.put(stage.stageId(), rdd);
        if (stage.attemptNumber() > 0 || completed.contains(stage.stageId())) {
            LOG.warn(
                    "stage {} infers rows again, because results were lost with their executor or ranks failed; results that"
                            + " are finished outlive executors where SparkContext.setCheckpointDir names a folder",
                    stage.stageId());
        }
        if (finished != null && !prepared) {
            prepared = true;
            finished.prepare();
        }
        if (wait != null) {
            wait.begin(stage.stageId());
        }
    }

    @Override
    public synchronized void onTaskStart(SparkListenerTaskStart started) {
        if (wait != null && active.containsKey(started.stageId())) {
            wait.running(started.stageId());
        }
    }

    @Override
    public synchronized void onTaskEnd(SparkListenerTaskEnd ended) {
        Integer rdd = active.get(ended.stageId());
        if (rdd == null) {
            return;
        }
        if (ended.reason() instanceof Success$) {
            List<AccumulableInfo> updates =
                    Scala.list(ended.taskInfo().accumulables().toSeq());
            counts.ended(rdd, ended.taskInfo().partitionId(), updates);
            metrics.failureOf(updates).ifPresent(failure -> cancelOthers(ended.stageId(), failure));
        } else if (ended.reason() instanceof ExceptionFailure failure) {
            String permanent = PermanentFailure.messageOf(failure);
            if (permanent != null) {
                context.cancelStage(ended.stageId(), permanent);
            }
        }
    }

    /** The job will fail when its last stage reads the record of the failure; until then the other groups would go on. */
    private void cancelOthers(int failed, String failure) {
        active.keySet().stream().filter(stage -> stage != failed).forEach(stage -> context.cancelStage(stage, failure));
    }

    @Override
    public synchronized void onStageCompleted(SparkListenerStageCompleted ended) {
        int stage = ended.stageInfo().stageId();
        if (active.remove(stage) == null) {
            return;
        }
        completed.add(stage);
        if (wait != null) {
            wait.end(stage);
        }
        if (active.isEmpty() && begun == 0) {
            end();
        }
    }

    @Override
    public synchronized void onExecutorRemoved(SparkListenerExecutorRemoved removed) {
        if (wait != null) {
            wait.lost(removed.executorId(), removed.reason());
        }
    }

    @Override
    public synchronized void onApplicationEnd(SparkListenerApplicationEnd ended) {
        end();
    }

    /** The watched RDD that the stage computes, or null. */
    private Integer watched(StageInfo stage) {
        return Scala.list(stage.rddInfos()).stream()
                .map(each -> each.id())
                .filter(rdds::contains)
                .findFirst()
                .orElse(null);
    }
}
