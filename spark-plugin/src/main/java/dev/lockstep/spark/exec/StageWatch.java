package dev.lockstep.spark.exec;

import dev.lockstep.spark.interop.Scala;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.apache.spark.ExceptionFailure;
import org.apache.spark.SparkContext;
import org.apache.spark.Success$;
import org.apache.spark.rdd.RDD;
import org.apache.spark.scheduler.AccumulableInfo;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerApplicationEnd;
import org.apache.spark.scheduler.SparkListenerStageCompleted;
import org.apache.spark.scheduler.SparkListenerStageSubmitted;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.scheduler.SparkListenerTaskStart;
import org.apache.spark.scheduler.StageInfo;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches the stages that run inference, while there are any: ends a job whose failure a retry cannot fix, logs when
 * rows are inferred again, and has {@link SlotWait} log why ranks wait for slots.
 *
 * <p>It listens from when a stage attempt is submitted to when the last one is completed, so that plans which are never
 * executed leave no listener behind.
 */
final class StageWatch extends SparkListener {
    private static final Logger LOG = LoggerFactory.getLogger(StageWatch.class);

    private final SparkContext context;
    /** Null where tasks wait for slots like any others. */
    private final SlotWait wait;

    private final InferenceMetrics metrics;
    private final AttemptCounts counts;
    /** Null where results are not kept. */
    private final FinishedChunks finished;

    private final Map<Integer, Watched> rdds = new HashMap<>();
    /** The watched RDD of each running stage. */
    private final Map<Integer, Watched> active = new HashMap<>();

    private final Set<Integer> completed = new HashSet<>();
    private boolean listening;
    private boolean prepared;
    /** Attempts that were begun and not announced to listeners yet. */
    private int begun;

    /**
     * @param slots that its stage must have at the same time
     * @param infers whether its stage runs inference
     * @param done to be run when its stage has ended well
     * @param failed to be run when a task of it has failed; says why to end the job, or null to let Spark go on
     */
    private record Watched(
            int rdd, int slots, boolean infers, Runnable done, Function<ExceptionFailure, String> failed) {}

    StageWatch(SparkContext context, SlotWait wait, InferenceMetrics metrics, FinishedChunks finished) {
        this.context = context;
        this.wait = wait;
        this.metrics = metrics;
        this.counts = metrics.attemptCounts();
        this.finished = finished;
    }

    /**
     * @param rdd an RDD that only the stages to be watched compute
     * @param slots that such a stage must have at the same time
     * @param done run on the listener's thread when such a stage has ended well
     * @param failed run there when a task of it has failed; says why to end the job, or null to let Spark go on
     */
    synchronized void overInference(RDD<?> rdd, int slots, Runnable done, Function<ExceptionFailure, String> failed) {
        rdds.put(rdd.id(), new Watched(rdd.id(), slots, true, done, failed));
    }

    /** @param rdd an RDD that only the stage before inference computes */
    synchronized void overInput(RDD<?> rdd) {
        rdds.put(rdd.id(), new Watched(rdd.id(), 1, false, () -> {}, any -> null));
    }

    /** The scheduler is about to submit a stage that is watched, and to tell listeners of it. */
    synchronized void begin() {
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
        Watched watched = watched(stage);
        if (watched == null) {
            return;
        }
        begun = Math.max(0, begun - 1);
        active.put(stage.stageId(), watched);
        boolean again = stage.attemptNumber() > 0 || watched.slots() > 1 && completed.contains(watched.rdd());
        if (watched.infers() && again) {
            LOG.warn(
                    "stage {} runs again, because results were lost with their executor or ranks failed{}",
                    stage.stageId(),
                    finished != null
                            ? "; rows that were finished are copied from the checkpoint directory"
                            : " and infers its rows again; those that are finished outlive executors where"
                                    + " SparkContext.setCheckpointDir names a folder");
        }
        if (finished != null && !prepared) {
            prepared = true;
            finished.prepare();
        }
        if (wait != null) {
            wait.begin(stage.stageId(), watched.slots());
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
        Watched watched = active.get(ended.stageId());
        if (watched == null) {
            return;
        }
        if (ended.reason() instanceof Success$ && watched.infers()) {
            List<AccumulableInfo> updates =
                    Scala.list(ended.taskInfo().accumulables().toSeq());
            counts.ended(watched.rdd(), ended.taskInfo().partitionId(), updates);
            metrics.failureOf(updates).ifPresent(failure -> cancelOthers(ended.stageId(), failure));
        } else if (ended.reason() instanceof ExceptionFailure failure) {
            String ending = watched.failed().apply(failure);
            String permanent = ending != null ? ending : PermanentFailure.messageOf(failure);
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
        Watched watched = active.remove(stage);
        if (watched == null) {
            return;
        }
        boolean well = ended.stageInfo().failureReason().isEmpty();
        if (well) {
            watched.done().run();
        }
        completed.add(watched.rdd());
        if (wait != null) {
            wait.end(stage);
        }
        if (active.isEmpty() && begun == 0) {
            end();
        }
    }

    @Override
    public synchronized void onApplicationEnd(SparkListenerApplicationEnd ended) {
        end();
    }

    /** The watched RDD that the stage computes, or null. */
    private Watched watched(StageInfo stage) {
        return Scala.list(stage.rddInfos()).stream()
                .map(each -> rdds.get(each.id()))
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
    }
}
