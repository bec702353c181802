package dev.lockstep.spark.exec;

import dev.lockstep.engine.Rank;
import java.util.function.Supplier;

/** A thread that opens (or takes up again) the leading rank of a group and leads over one queue until that ends. */
final class LeaderThread {
    private final RequestQueue queue = new RequestQueue();
    private final Thread thread;
    private volatile Throwable failure;

    /** @param open loads the rank or hands back a loaded one; runs on the new thread */
    LeaderThread(String name, Supplier<Rank> open) {
        thread = new Thread(() -> lead(open), name);
        thread.setDaemon(true);
    }

    static LeaderThread start(String name, Supplier<Rank> open) {
        LeaderThread leader = new LeaderThread(name, open);
        leader.thread.start();
        return leader;
    }

    private void lead(Supplier<Rank> open) {
        try {
            open.get().lead(queue, queue, queue::cancelled);
        } catch (Throwable t) { // whatever it is, the tasks that wait for rows must hear of it
            failure = t;
        }
    }

    RequestQueue queue() {
        return queue;
    }

    /** What ended the leader, or null. */
    Throwable failure() {
        return failure;
    }

    /**
     * Waits for the thread's end.
     *
     * @return whether it has ended
     */
    boolean join(long millis) {
        try {
            thread.join(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return !thread.isAlive();
    }
}
