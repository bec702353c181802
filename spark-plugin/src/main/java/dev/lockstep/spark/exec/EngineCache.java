package dev.lockstep.spark.exec;

import dev.lockstep.engine.ModelMemory;
import dev.lockstep.runtime.HostMemory;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.apache.spark.SparkEnv;

/**
 * The engines that this executor has loaded: reference-counted while tasks hold them, kept idle for a while afterwards.
 * An engine belongs to the executor, never to a task, so this is the only static state of the plugin.
 */
final class EngineCache {
    private static final EngineCache EXECUTOR = new EngineCache(EngineCache::roomOfExecutor);

    /**
     * How long to wait for an unused engine to become idle. One that is still loading takes longer, and is not closed.
     */
    private static final long REST_MILLIS = 2000;

    /** How often a lease that waits looks whether its task was killed. */
    private static final long SEAT_MILLIS = 200;

    /** How long others wait for an engine to free its memory. */
    private static final long CLOSE_MILLIS = 10_000;

    private final List<CachedEngine> engines = new ArrayList<>();
    private final ModelMemory memory;
    /** Engines that were taken out and are not closed yet. */
    private int closing;
    /** Engines that were closed so far. */
    private long closed;

    private final ScheduledExecutorService sweeper = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "lockstep-engine-sweeper");
        thread.setDaemon(true);
        return thread;
    });

    /** @param room bytes that all its engines together may hold outside the heap, asked anew for each */
    EngineCache(LongSupplier room) {
        this.memory = new ModelMemory(room, this::closeIdle);
    }

    static EngineCache ofExecutor() {
        return EXECUTOR;
    }

    /** What all engines of this executor hold outside the heap is entered here, before they are loaded. */
    ModelMemory memory() {
        return memory;
    }

    private static long roomOfExecutor() {
        long heap = Runtime.getRuntime().maxMemory();
        long room = ExecutorMemory.room(SparkEnv.get().conf(), HostMemory.now().limit(), heap);
        return room > 0 ? room : ModelMemory.free();
    }

    /**
     * Makes room: closes the least recently used idle engine, unless one is about to be closed anyway; false when there
     * is no idle engine.
     */
    private boolean closeIdle() {
        if (oneIsClosed()) {
            return true;
        }
        for (CachedEngine engine : idle()) {
            if (engine.awaitQuiescent(REST_MILLIS) && takeOut(engine)) {
                close(engine);
                return true;
            }
        }
        return false;
    }

    /**
     * Waits for an engine that is about to be closed: one that was removed from the cache, or a failed one whose last
     * tasks release it soon. False where there is none, or if it takes too long.
     */
    private synchronized boolean oneIsClosed() {
        long before = closed;
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(CLOSE_MILLIS);
        try {
            while (closed == before && System.nanoTime() < end && (closing > 0 || anyBroken())) {
                TimeUnit.NANOSECONDS.timedWait(this, Math.max(1, end - System.nanoTime()));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return closed > before;
    }

    private boolean anyBroken() {
        return engines.stream().anyMatch(engine -> !engine.usable());
    }

    private void close(CachedEngine engine) {
        try {
            engine.close();
        } finally {
            synchronized (this) {
                closing--;
                closed++;
                notifyAll();
            }
        }
    }

    /** Takes engines out, to be closed outside the lock. */
    private void takeOut(List<CachedEngine> out) {
        engines.removeAll(out);
        closing += out.size();
    }

    /** Engines that nobody uses, the longest unused first. */
    private synchronized List<CachedEngine> idle() {
        return engines.stream()
                .filter(engine -> engine.users == 0 && engine.lease == null)
                .sorted(Comparator.comparingLong(engine -> engine.idleSince))
                .toList();
    }

    private synchronized boolean takeOut(CachedEngine engine) {
        boolean taken = engine.users == 0 && engine.lease == null && engines.remove(engine);
        closing += taken ? 1 : 0;
        return taken;
    }

    /**
     * The exclusive use of an engine by the tasks that give the same name.
     *
     * @param seats engines of one key that may be leased at a time; a further lease waits
     * @param poll called now and then while it waits; throws to give up
     */
    record Lease(String name, int seats, Runnable poll) {}

    /**
     * An engine of this key, made when there is none; to be given back by {@link #release}.
     *
     * @param lease null to share the engine with whoever asks; else all tasks that give the same name get the same
     *     engine, and no other task does until {@link CachedEngine#tasksOfLease} of them have arrived and released it
     * @param idleLimit idle models that may stay loaded; any beyond that are closed before another is loaded
     */
    <E extends CachedEngine> E acquire(
            Class<E> type, EngineKey key, Lease lease, int idleLimit, Function<EngineKey, E> make) {
        List<CachedEngine> evicted = new ArrayList<>();
        E engine;
        synchronized (this) {
            awaitSeat(type, key, lease);
            String name = lease == null ? null : lease.name();
            engine = find(type, key, name);
            if (engine == null) {
                evicted.addAll(evict(Math.max(0, idleLimit - 1)));
                engine = make.apply(key);
                engines.add(engine);
            }
            if (!Objects.equals(engine.lease, name)) {
                engine.lease = name;
                engine.arrived = 0;
            }
            engine.users++;
            engine.arrived++;
        }
        evicted.forEach(this::close);
        return engine;
    }

    private void awaitSeat(Class<? extends CachedEngine> type, EngineKey key, Lease lease) {
        try {
            while (lease != null && !hasSeat(type, key, lease)) {
                wait(SEAT_MILLIS);
                lease.poll().run();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while " + lease.name() + " waited for its engine", e);
        }
    }

    /** Engines that failed or that a task died on its way to do not count: they will serve nobody. */
    private boolean hasSeat(Class<? extends CachedEngine> type, EngineKey key, Lease lease) {
        long taken = engines.stream()
                .filter(each -> type.isInstance(each) && each.key().equals(key))
                .filter(each -> each.users > 0 && each.usable() && each.lease != null)
                .filter(each -> !each.lease.equals(lease.name()))
                .count();
        return taken < lease.seats();
    }

    private <E extends CachedEngine> E find(Class<E> type, EngineKey key, String lease) {
        for (CachedEngine engine : engines) {
            // The holder's own engine even when it is broken: its late tasks must see that, not wait for each other.
            if (lease != null && lease.equals(engine.lease)) {
                return type.cast(engine);
            }
        }
        for (CachedEngine engine : engines) {
            if (type.isInstance(engine) && engine.key().equals(key) && engine.usable() && engine.lease == null) {
                return type.cast(engine);
            }
        }
        return null;
    }

    /** @param idleMillis how long an engine stays loaded unused */
    void release(CachedEngine engine, int idleLimit, long idleMillis) {
        List<CachedEngine> evicted = new ArrayList<>();
        synchronized (this) {
            engine.users--;
            if (engine.users > 0) {
                return;
            }
            notifyAll();
            engine.idleSince = System.nanoTime();
            engine.onIdle();
            if (engine.lease != null && engine.arrived == engine.tasksOfLease()) {
                engine.lease = null;
            }
            evicted.addAll(evict(idleLimit));
        }
        // Not on the task's thread: an engine closes only when its leader has ended, which may still be loading
        // weights.
        evicted.forEach(each -> sweeper.execute(() -> close(each)));
        sweeper.schedule(() -> sweep(idleMillis), idleMillis + 1, TimeUnit.MILLISECONDS);
    }

    /**
     * Removes failed engines, and those of the least recently used models beyond the limit. Closed outside the lock.
     */
    private List<CachedEngine> evict(int idleLimit) {
        List<CachedEngine> out = new ArrayList<>();
        List<CachedEngine> idle = new ArrayList<>();
        for (CachedEngine engine : engines) {
            if (engine.users == 0 && engine.lease == null) {
                (engine.usable() ? idle : out).add(engine);
            }
        }
        // The groups of one model in this executor count once.
        idle.sort(Comparator.comparingLong((CachedEngine engine) -> engine.idleSince)
                .reversed());
        Set<EngineKey> kept = new LinkedHashSet<>();
        for (CachedEngine engine : idle) {
            if (kept.contains(engine.key()) || kept.size() < idleLimit) {
                kept.add(engine.key());
            } else {
                out.add(engine);
            }
        }
        takeOut(out);
        return out;
    }

    private void sweep(long idleMillis) {
        List<CachedEngine> expired;
        synchronized (this) {
            long now = System.nanoTime();
            // A lease that never became complete (a task died on its way here) expires like an unused engine.
            expired = engines.stream()
                    .filter(engine ->
                            engine.users == 0 && now - engine.idleSince >= TimeUnit.MILLISECONDS.toNanos(idleMillis))
                    .toList();
            takeOut(expired);
        }
        expired.forEach(this::close);
    }

    /** Engines loaded now, in use or not. */
    synchronized int size() {
        return engines.size();
    }
}
