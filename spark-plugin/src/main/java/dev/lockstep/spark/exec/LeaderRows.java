package dev.lockstep.spark.exec;

import dev.lockstep.engine.RankStats;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CancellationException;
import org.apache.spark.TaskContext;
import org.apache.spark.TaskKilledException;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import scala.Tuple2;

/**
 * The records that a group's leader writes: the rows of its chunk with their results, as they finish, then the chunk's
 * censuses. At the first permanent error, one record of it for every original partition, and nothing after it. A chunk
 * that an earlier attempt finished and kept is copied.
 */
final class LeaderRows implements Iterator<Tuple2<Object, InternalRow>>, AutoCloseable {
    private static final long END_MILLIS = 5_000;

    private final RankTask task;
    private final GroupHold hold;
    private final GroupEngine engine;
    private final TaskContext context;
    private final ChunkRecords chunk;
    private final RowPump pump;
    private final ResultProjection projection;
    /** Null where results are not kept. */
    private ChunkKeeper keeper;

    private boolean begun;
    /** Null until there is a prompt to run. */
    private LeaderThread leader;

    private RankStats before;
    /** The records that follow once no row is in flight: censuses, failures, or a kept chunk. Null before. */
    private Iterator<Tuple2<Object, InternalRow>> last;
    /** Whether the engine was left in good order. */
    private boolean ended;

    LeaderRows(RankTask task, GroupHold hold, List<Integer> standIns, TaskContext context) {
        this.task = task;
        this.hold = hold;
        this.engine = hold.engine();
        this.context = context;
        this.projection = ResultProjection.from(0, task.types());
        this.chunk = new ChunkRecords(new ShuffledRecords(List.of(task.chunks()), task.chunk(), context));
        this.pump = new RowPump(chunk, task.calls(), this::leader, false, context, task.metrics());
        standIns.forEach(rank -> StandIn.start(hold, rank));
    }

    private void begin() {
        begun = true;
        if (task.finished() == null) {
            return;
        }
        last = task.finished().read(task);
        if (last == null) {
            keeper = task.finished().keep(task, context);
        } else {
            dismiss();
        }
    }

    /** Calls for the group with the first prompt, so that a chunk without any loads nothing. */
    private LeaderThread leader() {
        if (leader == null) {
            before = engine.rank(0) == null ? null : engine.rank(0).stats();
            engine.call(hold.group(), true);
            leader = LeaderThread.start("lockstep-leader", () -> engine.open(0, hold.group(), hold.groupTimeout()));
        }
        return leader;
    }

    private void dismiss() {
        engine.call(hold.group(), false);
        ended = true;
    }

    @Override
    public boolean hasNext() {
        if (!begun) {
            begin();
        }
        if (last == null) {
            try {
                if (pump.hasNext()) {
                    return true;
                }
                end();
            } catch (RuntimeException e) {
                fail(e);
            }
        }
        return last.hasNext();
    }

    @Override
    public Tuple2<Object, InternalRow> next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        if (last == null) {
            try {
                PumpedRow row = pump.next();
                return write(Head.partition(row.input()), projection.join(row.input(), row.results(task.calls())));
            } catch (RuntimeException e) {
                fail(e);
            }
        }
        return last.next();
    }

    private Tuple2<Object, InternalRow> write(int partition, UnsafeRow record) {
        if (keeper != null) {
            keeper.write(partition, record);
        }
        return new Tuple2<>(partition, record);
    }

    /** All rows are done: releases the followers. */
    private void end() {
        if (leader == null) {
            dismiss();
        } else {
            leader.queue().finish();
            while (!leader.join(100)) {
                context.killTaskIfInterrupted();
            }
            if (leader.failure() != null) {
                throw new InferenceException(
                        "the leader failed: " + Failures.describe(leader.failure()), leader.failure());
            }
            ended = true;
            RankStats after = engine.rank(0).stats();
            if (before == null) {
                task.metrics().loaded(after);
            }
            task.metrics().ran(before, after);
        }
        last = censuses();
    }

    private Iterator<Tuple2<Object, InternalRow>> censuses() {
        InternalRow noResults = new GenericInternalRow(task.results().size());
        Iterator<UnsafeRow> censuses = chunk.censuses().iterator();
        return new Iterator<>() {
            private boolean kept;

            @Override
            public boolean hasNext() {
                if (!censuses.hasNext() && !kept && keeper != null) {
                    kept = true;
                    keeper.finish();
                }
                return censuses.hasNext();
            }

            @Override
            public Tuple2<Object, InternalRow> next() {
                UnsafeRow census = censuses.next();
                return write(Head.partition(census), projection.join(census, noResults));
            }
        };
    }

    /** Turns an error that would come again into records; throws what another attempt may get over. */
    private void fail(RuntimeException failure) {
        if (failure instanceof TaskKilledException || failure instanceof ChangedInputException) {
            throw failure;
        }
        context.killTaskIfInterrupted();
        String message = failure.getMessage();
        if (failure instanceof RowException) {
            pump.withdraw();
            if (leader != null) {
                leader.queue().finish();
            }
        } else {
            engine.fail(failure);
            Throwable first = engine.failure();
            if (Failures.brokenGroup(first)) {
                throw failure;
            }
            message = "tp_generate failed: " + Failures.describe(first);
        }
        task.metrics().failures().add(message);
        last = new FailureRecords(message, task.partitions(), task.types());
    }

    /** When the task ends, however it ends: ends the leader's thread and leaves no rank waiting. */
    @Override
    public void close() {
        try {
            if (keeper != null) {
                keeper.close();
            }
            if (leader == null) {
                engine.call(hold.group(), false);
            } else if (!ended) {
                stop();
            }
            if (leader != null && leader.failure() != null) {
                engine.fail(leader.failure());
            }
        } finally {
            hold.release();
        }
    }

    private void stop() {
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
}
