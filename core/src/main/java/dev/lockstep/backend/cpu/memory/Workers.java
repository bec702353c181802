package dev.lockstep.backend.cpu.memory;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * The worker pool of one rank. The calling thread is worker 0, so with one thread a task is a plain call. Idle workers
 * spin briefly, since the next kernel of a step follows within microseconds, and then park. Only one thread at a time
 * may call {@link #run}, and tasks must not call it.
 */
public final class Workers implements AutoCloseable {

    /** Work that is split by worker number. */
    @FunctionalInterface
    public interface Task {

        /**
         * Does one worker's share.
         *
         * @param worker from 0
         * @param workers how many share the work; may be fewer than the pool has
         */
        void run(int worker, int workers);
    }

    /** Work divided into items; any worker may run any item. */
    @FunctionalInterface
    public interface Items {

        /** Does one item. */
        void run(int worker, int item);
    }

    /** Below this many elements, waking other workers costs more than it saves. */
    private static final int SMALL_WORK = 8192;

    /** Spins for some tens of microseconds: the next kernel of a step usually follows sooner. */
    private static final int SPINS = 1500;

    /**
     * Then yields this often: if a machine has more threads than cores, another worker may need the core that spins.
     */
    private static final int YIELDS = 30;

    private final Member[] members;
    private final AtomicInteger unfinished = new AtomicInteger();
    private final AtomicInteger nextItem = new AtomicInteger();
    private final Task dealTask = this::deal;
    private Items items;
    private int itemCount;
    private volatile Task task;
    private volatile int generation;
    private volatile Throwable failure;
    private volatile Thread waiting;
    private volatile boolean closed;
    private boolean running;

    /** A pool of this many threads, including the caller. */
    public Workers(int threads) {
        this(threads, "lockstep-cpu");
    }

    /**
     * A pool of this many threads, including the caller.
     *
     * @param name prefix of the threads' names
     * @throws IllegalArgumentException when threads is not positive
     */
    public Workers(int threads, String name) {
        if (threads < 1) {
            throw new IllegalArgumentException("a rank needs at least one thread, found " + threads);
        }
        members = new Member[threads - 1];
        for (int i = 0; i < members.length; i++) {
            members[i] = new Member(i + 1);
            Thread thread = new Thread(members[i], name + "-worker-" + (i + 1));
            thread.setDaemon(true);
            members[i].thread = thread;
            thread.start();
        }
    }

    /** The number of workers, including the caller. */
    public int threads() {
        return members.length + 1;
    }

    /** Runs a task on all workers, or on the caller alone if the work, in elements touched, is small. */
    public void run(Task work, long elements) {
        if (elements < SMALL_WORK) {
            work.run(0, 1);
        } else {
            run(work);
        }
    }

    /**
     * Runs items, each on the next free worker: a worker that the operating system delays holds up the others by at
     * most one item. Runs all on the caller if the work, in elements touched, is small.
     */
    public void run(Items work, int count, long elements) {
        items = work;
        itemCount = count;
        nextItem.set(0);
        run(dealTask, elements);
    }

    private void deal(int worker, int all) {
        Items work = items;
        int count = itemCount;
        for (int item = nextItem.getAndIncrement(); item < count; item = nextItem.getAndIncrement()) {
            work.run(worker, item);
        }
    }

    /**
     * Runs a task on all workers and returns when all have finished. An exception of a worker is rethrown here after
     * all have finished; the pool stays usable.
     *
     * @throws IllegalStateException after close, or when the pool is already running a task
     */
    public void run(Task work) {
        if (closed || running) {
            throw new IllegalStateException(
                    closed ? "the worker pool was closed" : "the worker pool already runs a task of another caller");
        }
        if (members.length == 0) {
            work.run(0, 1);
            return;
        }
        running = true;
        try {
            failure = null;
            task = work;
            unfinished.set(members.length);
            generation++; // the caller alone writes it
            for (Member member : members) {
                if (member.parked) {
                    LockSupport.unpark(member.thread);
                }
            }
            try {
                work.run(0, members.length + 1);
            } catch (Throwable e) {
                failure = e;
            }
            awaitMembers();
            task = null;
        } finally {
            running = false;
        }
        Throwable thrown = failure;
        if (thrown instanceof Error error) {
            throw error;
        }
        if (thrown != null) {
            throw (RuntimeException) thrown;
        }
    }

    private void awaitMembers() {
        for (int spins = 0; unfinished.get() > 0; spins++) {
            if (idle(spins)) {
                continue;
            }
            waiting = Thread.currentThread();
            if (unfinished.get() > 0) {
                LockSupport.park(this);
            }
            waiting = null;
        }
    }

    /** Spins or yields once; false when it is time to park. */
    private static boolean idle(int spins) {
        if (spins < SPINS) {
            Thread.onSpinWait();
            return true;
        }
        if (spins < SPINS + YIELDS) {
            Thread.yield();
            return true;
        }
        return false;
    }

    /** Stops the threads; a second call does nothing. */
    @Override
    public void close() {
        closed = true;
        for (Member member : members) {
            LockSupport.unpark(member.thread);
        }
        boolean interrupted = false;
        for (Member member : members) {
            while (member.thread.isAlive()) {
                try {
                    member.thread.join();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private final class Member implements Runnable {

        private final int number;
        private Thread thread;
        private volatile boolean parked;

        Member(int number) {
            this.number = number;
        }

        @Override
        public void run() {
            int seen = 0;
            while (true) {
                seen = awaitWork(seen);
                if (closed) {
                    return;
                }
                try {
                    task.run(number, members.length + 1);
                } catch (Throwable e) {
                    failure = e;
                }
                // The task and its failure must be visible before the count drops; both are volatile.
                if (unfinished.decrementAndGet() == 0) {
                    LockSupport.unpark(waiting);
                }
            }
        }

        private int awaitWork(int seen) {
            for (int spins = 0; generation == seen && !closed; spins++) {
                if (idle(spins)) {
                    continue;
                }
                parked = true;
                if (generation == seen && !closed) {
                    LockSupport.park(Workers.this);
                }
                parked = false;
            }
            return generation;
        }
    }
}
