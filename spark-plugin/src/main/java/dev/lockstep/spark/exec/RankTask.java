package dev.lockstep.spark.exec;

import dev.lockstep.spark.Setting;
import dev.lockstep.spark.Settings;
import dev.lockstep.spark.interop.Scala;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.BarrierTaskInfo;
import org.apache.spark.SparkEnv;
import org.apache.spark.shuffle.ShuffleHandle;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.util.TaskCompletionListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Tuple2;
import scala.collection.Iterator;
import scala.jdk.javaapi.CollectionConverters;

/**
 * A task of the barrier stage: one rank. The leader of a group reads chunks and writes results; the others follow it. An
 * error that would come again is written as a record for every original partition and thrown after shuffle 2, because
 * Spark would run a failed barrier stage again, whole.
 *
 * @param calls their columns count from the row's first, behind {@link ToChunks#ADDED}
 * @param types of a chunk's row, then of the results
 * @param partitions of the input, each of which must hear of a failure
 */
record RankTask(
        ShuffleHandle handle,
        int chunks,
        List<CallSpec> calls,
        DataType[] types,
        int partitions,
        String application,
        InferenceMetrics metrics)
        implements Scala.SerializableFunction2<Object, Iterator<Object>, Iterator<Tuple2<Object, InternalRow>>> {

    private static final Logger LOG = LoggerFactory.getLogger(RankTask.class);

    @Override
    public Iterator<Tuple2<Object, InternalRow>> apply(Object partition, Iterator<Object> none) {
        return CollectionConverters.asScala(run((Integer) partition));
    }

    private java.util.Iterator<Tuple2<Object, InternalRow>> run(int task) {
        BarrierTaskContext context = BarrierTaskContext.get();
        Settings settings = calls.get(0).settings();
        // Known to every task without a round trip; allGather would cost about a second.
        List<String> executors = Arrays.stream(context.getTaskInfos())
                .map(BarrierTaskInfo::address)
                .toList();
        Placement place = Placement.of(
                executors, task, settings.integer(Setting.TP), settings.integer(Setting.GROUPS_PER_EXECUTOR));
        if (place.groups() == 0) {
            return task == 0
                    ? new FailureRecords(Slots.noGroup(executors.size(), settings), partitions, resultTypes())
                    : List.<Tuple2<Object, InternalRow>>of().iterator();
        }
        if (place.idle()) {
            return List.<Tuple2<Object, InternalRow>>of().iterator();
        }
        String group = application + "/" + context.stageId() + "/" + context.stageAttemptNumber() + "/" + place.group();
        GroupEngine engine = acquire(settings, group);
        TaskCompletionListener letGo = ended -> EngineCache.ofExecutor()
                .release(engine, settings.integer(Setting.IDLE_ENGINES), settings.whole(Setting.IDLE_TIMEOUT));
        if (place.leads()) {
            LeaderRows rows = new LeaderRows(this, engine, group, place, context);
            // Listeners run last first: the leader ends before the engine is let go of.
            context.addTaskCompletionListener(letGo);
            TaskCompletionListener end = ended -> rows.close();
            context.addTaskCompletionListener(end);
            return rows;
        }
        context.addTaskCompletionListener(letGo);
        follow(engine, group, place, context);
        return List.<Tuple2<Object, InternalRow>>of().iterator();
    }

    private GroupEngine acquire(Settings settings, String group) {
        EngineCache cache = EngineCache.ofExecutor();
        return cache.acquire(
                GroupEngine.class,
                EngineKey.of(settings.engineOptions()),
                group,
                settings.integer(Setting.IDLE_ENGINES),
                key -> new GroupEngine(
                        key,
                        Threads.withThreads(settings, SparkEnv.get().conf()),
                        settings.integer(Setting.GROUPS_PER_EXECUTOR),
                        cache.memory()));
    }

    private void follow(GroupEngine engine, String group, Placement place, BarrierTaskContext context) {
        Thread here = Thread.currentThread();
        Runnable giveUp = () -> {
            engine.fail(new CancellationException("rank " + place.rank() + " was killed"));
            if (engine.rank(place.rank()) == null) {
                here.interrupt();
            }
        };
        try (InterruptWatch watch = new InterruptWatch(context, giveUp)) {
            engine.open(place.rank(), group, groupTimeout()).follow();
        } catch (Throwable t) { // also errors: the other ranks must hear of it before this task ends
            boolean first = engine.failure() == null;
            engine.fail(t);
            if (t instanceof VirtualMachineError error) {
                throw error;
            }
            context.killTaskIfInterrupted();
            if (first && Failures.brokenGroup(t)) {
                throw new InferenceException("rank " + place.rank() + " lost its group: " + Failures.describe(t), t);
            }
            LOG.warn("rank {} of group {} failed; its leader reports the error", place.rank(), group, t);
        }
    }

    Duration groupTimeout() {
        return Duration.ofMillis(calls.get(0).settings().whole(Setting.GROUP_TIMEOUT));
    }

    /** Of a record of shuffle 2: place and failure, the input's columns, the results. */
    DataType[] resultTypes() {
        return resultTypes(types);
    }

    static DataType[] resultTypes(DataType[] chunkAndResults) {
        DataType[] result = chunkAndResults.clone();
        result[0] = org.apache.spark.sql.types.DataTypes.LongType;
        result[Restore.FAILURE_COLUMN] = org.apache.spark.sql.types.DataTypes.StringType;
        return result;
    }
}
