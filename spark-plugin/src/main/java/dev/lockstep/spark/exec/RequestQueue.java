package dev.lockstep.spark.exec;

import dev.lockstep.generate.Completion;
import dev.lockstep.generate.CompletionSink;
import dev.lockstep.generate.Request;
import dev.lockstep.generate.RequestSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongFunction;

/**
 * A queue that tasks fill and one leader drains. The completion of a request goes to the sink that it was submitted
 * with. A withdrawn request that the leader has already taken still runs, and its completion is dropped.
 */
final class RequestQueue implements RequestSource, CompletionSink {
    /** How long rows that nobody waits for may run on before the engine is given up for them. */
    private static final long ABANDONED_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final Map<Long, Request> waiting = new LinkedHashMap<>();
    private final Map<Long, CompletionSink> sinks = new HashMap<>();
    private final Set<Long> abandoned = new HashSet<>();
    private long nextId;
    private boolean finishing;
    private long finishingSince;
    private boolean ended;
    private boolean cancelled;

    /**
     * @param request makes it with the id it is given
     * @return the request's id
     */
    synchronized long submit(LongFunction<Request> request, CompletionSink sink) {
        if (ended) {
            throw new IllegalStateException("a request was submitted to a queue that has ended");
        }
        long id = nextId++;
        waiting.put(id, request.apply(id));
        sinks.put(id, sink);
        notifyAll();
        return id;
    }

    synchronized void withdraw(Collection<Long> ids) {
        for (long id : ids) {
            boolean taken = waiting.remove(id) == null;
            if (sinks.remove(id) != null && taken) {
                abandoned.add(id);
            }
        }
        notifyAll();
    }

    /** No more requests for now: the leader ends when the present ones are done. */
    synchronized void finish() {
        finishing = true;
        finishingSince = System.nanoTime();
        notifyAll();
    }

    /** Takes {@link #finish} back. False when the leader has ended already. */
    synchronized boolean resume() {
        if (!ended) {
            finishing = false;
        }
        return !ended;
    }

    synchronized void cancel() {
        cancelled = true;
        notifyAll();
    }

    /** Polled by the leader: whether a task cancelled, or all rows that still run were withdrawn. */
    synchronized boolean cancelled() {
        boolean futile = finishing
                && sinks.isEmpty()
                && !abandoned.isEmpty()
                && System.nanoTime() - finishingSince > ABANDONED_NANOS;
        return cancelled || futile;
    }

    @Override
    public synchronized Request poll() {
        var first = waiting.values().iterator();
        if (!first.hasNext()) {
            return null;
        }
        Request request = first.next();
        first.remove();
        return request;
    }

    @Override
    public synchronized boolean exhausted() {
        // Only when the last row is done: until then tasks may come back. Once answered with true there is no way back,
        // because the leader may leave at any moment.
        ended |= finishing && sinks.isEmpty() && abandoned.isEmpty();
        return ended;
    }

    @Override
    public synchronized void await() throws InterruptedException {
        if (waiting.isEmpty() && !finishing && !cancelled) {
            wait(100);
        }
    }

    @Override
    public void accept(Completion completion) {
        CompletionSink sink;
        synchronized (this) {
            abandoned.remove(completion.id());
            sink = sinks.remove(completion.id());
        }
        if (sink != null) {
            sink.accept(completion);
        }
    }
}
