package dev.lockstep.spark.exec;

import dev.lockstep.engine.RankStats;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CancellationException;
import org.apache.spark.TaskContext;
import org.apache.spark.TaskKilledException;
import org.apache.spark.sql.catalyst.InternalRow;
import scala.Tuple2;

/**
 * What a group's leader writes: the rows of its chunks with their results, as they finish; or, from the first error that
 * would come again on, one record of it for every original partition, and then nothing more.
 */
final class LeaderRows implements Iterator<Tuple2<Object, InternalRow>>, AutoCloseable {
    private static final long END_MILLIS = 5_000;

    private final RankTask task;
    private final GroupEngine engine;
    private final TaskContext context;
    private final LeaderThread leader;
    private final List<CallSpec> calls;
    private final RowPump pump;
    private final RankStats before;
    private final ResultProjection projection;
    private Iterator<Tuple2<Object, InternalRow>> failures;
    private boolean ended;

    LeaderRows(RankTask task, GroupEngine engine, String group, Placement place, TaskContext context) {
        this.task = task;
        this.engine = engine;
        this.context = context;
        this.before = engine.rank(0) == null ? null : engine.rank(0).stats();
        this.leader = LeaderThread.start("lockstep-leader", () -> engine.open(0, group, task.groupTimeout()));
        this.calls =
                task.calls().stream().map(call -> call.shifted(ToChunks.ADDED)).toList();
        Iterator<InternalRow> input =
                new ChunkRows(task.handle(), place.group(), place.groups(), task.chunks(), context);
        this.pump = new RowPump(input, calls, () -> leader, false, context, task.metrics());
        this.projection = ResultProjection.chunkToResult(task.types());
    }

    @Override
    public boolean hasNext() {
        if (failures == null && !ended) {
            try {
                if (pump.hasNext()) {
                    return true;
                }
                end();
            } catch (RuntimeException e) {
                fail(e);
            }
        }
        return failures != null && failures.hasNext();
    }

    @Override
    public Tuple2<Object, InternalRow> next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        if (failures == null) {
            try {
                PumpedRow row = pump.next();
                return new Tuple2<>(row.input().getInt(0), projection.join(row.input(), row.results(calls)));
            } catch (RuntimeException e) {
                fail(e);
            }
        }
        return failures.next();
    }

    /** All rows are done: releases the followers. */
    private void end() {
        leader.queue().finish();
        while (!leader.join(100)) {
            context.killTaskIfInterrupted();
        }
        if (leader.failure() != null) {
            throw new InferenceException("the leader failed: " + Failures.describe(leader.failure()), leader.failure());
        }
        ended = true;
        RankStats after = engine.rank(0).stats();
        if (before == null) {
            task.metrics().loaded(after);
        }
        task.metrics().ran(before, after);
    }

    /** Turns an error that would come again into records; throws what another attempt may get over. */
    private void fail(RuntimeException failure) {
        if (failure instanceof TaskKilledException) {
            throw failure;
        }
        context.killTaskIfInterrupted();
        String message = failure.getMessage();
        if (failure instanceof RowException) {
            pump.withdraw();
            leader.queue().finish();
        } else {
            engine.fail(failure);
            Throwable first = engine.failure();
            if (Failures.brokenGroup(first)) {
                throw failure;
            }
            message = "tp_generate failed: " + Failures.describe(first);
        }
        failures = new FailureRecords(message, task.partitions(), task.resultTypes());
    }

    /** When the task ends, however it ends: ends the leader's thread and leaves no rank waiting. */
    @Override
    public void close() {
        if (!ended) {
            pump.withdraw();
            leader.queue().finish();
            if (context.isInterrupted() || context.isFailed()) {
                leader.queue().cancel();
            }
            if (!leader.join(END_MILLIS)) {
                engine.fail(new CancellationException("the leader did not end within " + END_MILLIS + " ms"));
                leader.join(END_MILLIS);
            }
        }
        if (leader.failure() != null) {
            engine.fail(leader.failure());
        }
    }
}
