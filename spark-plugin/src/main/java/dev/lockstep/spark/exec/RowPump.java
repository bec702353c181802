package dev.lockstep.spark.exec;

import dev.lockstep.generate.Completion;
import dev.lockstep.generate.GenerationOptions;
import dev.lockstep.spark.Setting;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.catalyst.InternalRow;

/**
 * Feeds a task's rows to a leader and returns them as they finish, with a bounded number in flight. Used by the task's
 * thread; completions arrive on the leader's.
 */
final class RowPump implements Iterator<PumpedRow> {
    private final Iterator<InternalRow> rows;
    private final List<CallSpec> calls;
    private final List<GenerationOptions> options;
    private final Supplier<LeaderThread> leader;
    private final boolean ordered;
    private final int window;
    private final TaskContext context;
    private final InferenceMetrics metrics;

    /** Rows in the order they leave: all rows in flight when ordered, else only those that are done. */
    private final Deque<PumpedRow> out = new ArrayDeque<>();

    private final Set<Long> requests = new LinkedHashSet<>();
    private int inFlight;

    /**
     * @param leader requested when there is a first prompt to run
     * @param ordered whether rows come out in the order they went in; otherwise as they finish
     * @param metrics counts what comes out
     */
    RowPump(
            Iterator<InternalRow> rows,
            List<CallSpec> calls,
            Supplier<LeaderThread> leader,
            boolean ordered,
            TaskContext context,
            InferenceMetrics metrics) {
        this.rows = rows;
        this.calls = calls;
        this.options =
                calls.stream().map(call -> call.settings().generationOptions()).toList();
        this.leader = leader;
        this.ordered = ordered;
        this.window = calls.get(0).settings().integer(Setting.ROWS_IN_FLIGHT);
        this.context = context;
        this.metrics = metrics;
    }

    /** Withdraws the rows that the leader has not begun. The pump cannot be used afterwards. */
    void withdraw() {
        List<Long> left;
        synchronized (this) {
            left = new ArrayList<>(requests);
            requests.clear();
        }
        if (!left.isEmpty()) {
            leader.get().queue().withdraw(left);
        }
    }

    @Override
    public boolean hasNext() {
        fill();
        return inFlight > 0;
    }

    /**
     * @throws InferenceException when the leader failed; its cause is the failure
     * @throws org.apache.spark.TaskKilledException when the task is killed meanwhile
     */
    @Override
    public PumpedRow next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        PumpedRow row = await();
        inFlight--;
        metrics.count(row, calls.size());
        return row;
    }

    private void fill() {
        while (inFlight < window && rows.hasNext()) {
            context.killTaskIfInterrupted();
            start(rows.next().copy());
        }
    }

    private void start(InternalRow input) {
        PumpedRow row = new PumpedRow(input, calls.size());
        inFlight++;
        synchronized (this) {
            for (int i = 0; i < calls.size(); i++) {
                if (!input.isNullAt(calls.get(i).column())) {
                    submit(row, i);
                }
            }
            if (ordered || row.missing == 0) {
                out.add(row);
            }
        }
    }

    private void submit(PumpedRow row, int index) {
        CallSpec call = calls.get(index);
        try {
            row.missing++;
            long id = leader.get()
                    .queue()
                    .submit(
                            call.request(row.input(), options.get(index)),
                            completion -> complete(row, index, completion));
            requests.add(id);
        } catch (RowException e) {
            row.missing--;
            row.complete(index, Completion.failed(-1, e.getMessage()));
        }
    }

    private synchronized void complete(PumpedRow row, int index, Completion completion) {
        requests.remove(completion.id());
        row.complete(index, completion);
        row.missing--;
        if (row.missing == 0) {
            if (!ordered) {
                out.add(row);
            }
            notifyAll();
        }
    }

    private synchronized PumpedRow await() {
        while (out.isEmpty() || out.peek().missing > 0) {
            context.killTaskIfInterrupted();
            Throwable failure = leader.get().failure();
            if (failure != null) {
                throw new InferenceException("tp_generate failed: " + Failures.describe(failure), failure);
            }
            try {
                wait(100);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                context.killTaskIfInterrupted();
                throw new InferenceException("interrupted while rows were under way", e);
            }
        }
        return out.poll();
    }
}
