package dev.lockstep.spark.exec;

import dev.lockstep.spark.Setting;
import dev.lockstep.spark.Settings;
import dev.lockstep.spark.interop.Scala;
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
import org.apache.spark.util.TaskFailureListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Tuple2;
import scala.collection.Iterator;
import scala.jdk.javaapi.CollectionConverters;

/**
 * A task of a group's barrier stage: one rank. The first leads, reads the group's chunk and writes results; the others
 * follow it and write nothing. A permanent error is written as a record for every original partition and thrown by the
 * last stage, because Spark would run a failed barrier stage again.
 *
 * @param chunk the group's number, and its chunk's in shuffle 1
 * @param calls whose columns are counted from the record's first
 * @param input types of the input's columns
 * @param results types of the results
 * @param partitions of the input, each of which must receive a failure
 * @param finished where results are kept so that they outlive the executor; null for nowhere
 */
record RankTask(
        ShuffleHandle chunks,
        int chunk,
        List<CallSpec> calls,
        List<DataType> input,
        List<DataType> results,
        int partitions,
        String application,
        InferenceMetrics metrics,
        FinishedChunks finished)
        implements Scala.SerializableFunction2<Object, Iterator<Object>, Iterator<Tuple2<Object, InternalRow>>> {

    private static final Logger LOG = LoggerFactory.getLogger(RankTask.class);

    @Override
    public Iterator<Tuple2<Object, InternalRow>> apply(Object partition, Iterator<Object> none) {
        return CollectionConverters.asScala(run((Integer) partition));
    }

    private java.util.Iterator<Tuple2<Object, InternalRow>> run(int rank) {
        BarrierTaskContext context = BarrierTaskContext.get();
        // Known to every task without a round trip; allGather would cost about a second.
        List<String> executors = Arrays.stream(context.getTaskInfos())
                .map(BarrierTaskInfo::address)
                .toList();
        Placement place = Placement.of(executors, rank, settings().integer(Setting.TP));
        return switch (place.role()) {
            case LEADS -> lead(place, context);
            case FOLLOWS -> {
                follow(rank, context);
                yield List.<Tuple2<Object, InternalRow>>of().iterator();
            }
            case LEAVES -> List.<Tuple2<Object, InternalRow>>of().iterator();
        };
    }

    private java.util.Iterator<Tuple2<Object, InternalRow>> lead(Placement place, BarrierTaskContext context) {
        TaskFailureListener mark = (ended, failure) -> PermanentFailure.mark(failure);
        context.addTaskFailureListener(mark);
        if (!place.standIns().isEmpty()) {
            LOG.warn(
                    "group {} of {} ranks: the tasks of ranks {} run on other executors or not at all, so threads of this"
                            + " executor stand in for them",
                    chunk,
                    settings().integer(Setting.TP),
                    place.standIns());
        }
        GroupHold hold =
                GroupHold.take(this, name(context), 1 + place.standIns().size(), context);
        LeaderRows rows = new LeaderRows(this, hold, place.standIns(), context);
        TaskCompletionListener end = ended -> rows.close();
        context.addTaskCompletionListener(end);
        return rows;
    }

    private void follow(int rank, BarrierTaskContext context) {
        GroupHold hold = GroupHold.take(this, name(context), 1, context);
        TaskCompletionListener letGo = ended -> hold.release();
        context.addTaskCompletionListener(letGo);
        GroupEngine engine = hold.engine();
        Thread here = Thread.currentThread();
        Runnable giveUp = () -> {
            engine.fail(new CancellationException("rank " + rank + " was killed"));
            if (engine.rank(rank) == null) {
                here.interrupt();
            }
        };
        try (InterruptWatch watch = new InterruptWatch(context, giveUp)) {
            hold.follow(rank);
        } catch (Throwable t) { // also errors: the other ranks must hear of it before this task ends
            boolean first = engine.failure() == null;
            engine.fail(t);
            if (t instanceof VirtualMachineError error) {
                throw error;
            }
            context.killTaskIfInterrupted();
            if (first && Failures.brokenGroup(t)) {
                throw new InferenceException("rank " + rank + " lost its group: " + Failures.describe(t), t);
            }
            LOG.warn("rank {} of group {} failed; its leader reports the error", rank, chunk, t);
        }
    }

    /** The same for all tasks of one attempt at the stage and for no others. */
    private String name(BarrierTaskContext context) {
        return application + "/" + context.stageId() + "/" + context.stageAttemptNumber();
    }

    Settings settings() {
        return calls.get(0).settings();
    }

    GroupEngine newEngine(EngineKey key, EngineCache cache) {
        return new GroupEngine(
                key,
                Threads.withThreads(settings(), SparkEnv.get().conf()),
                settings().integer(Setting.GROUPS_PER_EXECUTOR),
                cache.memory());
    }

    /** The column types of the records that it writes: head, input, results. */
    DataType[] types() {
        return Head.with(input, results);
    }
}
