package dev.lockstep.spark.exec;

import dev.lockstep.collective.ThreadMeshes;
import dev.lockstep.engine.EngineOptions;
import dev.lockstep.engine.ModelMemory;
import dev.lockstep.engine.Rank;
import dev.lockstep.engine.RankStats;
import dev.lockstep.engine.Reservation;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * An unsplit model that all tasks of the executor share: rows of concurrent tasks run in the same batches. Its leader
 * runs while any task holds the engine, and stops when the last row is done after that.
 */
final class SharedEngine extends CachedEngine {
    private final EngineOptions options;
    private final ModelMemory memory;
    private LeaderThread leader;
    private volatile Reservation reservation;
    private volatile Rank rank;
    private volatile boolean closed;
    private final AtomicBoolean loadingReported = new AtomicBoolean();

    /**
     * @param options those of the key, with the threads that this executor has for it
     * @param memory from which it reserves its part when it is loaded
     */
    SharedEngine(EngineKey key, EngineOptions options, ModelMemory memory) {
        super(key);
        this.options = options;
        this.memory = memory;
    }

    /** The running leader's queue. Only for a task that holds the engine. */
    synchronized LeaderThread leader() {
        if (leader == null || leader.failure() == null && !leader.queue().resume()) {
            LeaderThread before = leader;
            leader = LeaderThread.start("lockstep-leader", () -> takeUp(before));
        }
        return leader;
    }

    private Rank takeUp(LeaderThread before) {
        if (before != null) {
            before.join(0);
        }
        if (rank == null) {
            load();
        }
        return rank;
    }

    private void load() {
        RankFactory factory = RankFactory.of(options.model());
        reservation = factory.reserve(memory, options, 1);
        try {
            String group = "replica-" + UUID.randomUUID();
            rank = factory.open(reservation.options(), ThreadMeshes.join(group, 0, 1, Duration.ofMinutes(10)));
        } catch (RuntimeException | Error failed) {
            reservation.close();
            throw failed;
        }
    }

    /** True once, for the task that reports how long loading took. */
    boolean reportsLoading() {
        return rank != null && loadingReported.compareAndSet(false, true);
    }

    /** Null until it is loaded. */
    RankStats stats() {
        return rank == null ? null : rank.stats();
    }

    @Override
    int tasksOfLease() {
        return 1;
    }

    @Override
    synchronized boolean usable() {
        return !closed && (leader == null || leader.failure() == null);
    }

    @Override
    synchronized void onIdle() {
        if (leader != null) {
            leader.queue().finish();
        }
    }

    @Override
    boolean awaitQuiescent(long millis) {
        LeaderThread last;
        synchronized (this) {
            last = leader;
        }
        return last == null || last.join(millis);
    }

    @Override
    void close() {
        LeaderThread last;
        synchronized (this) {
            closed = true;
            last = leader;
        }
        if (last != null) {
            last.join(0);
        }
        if (rank != null) {
            rank.close();
            reservation.close();
        }
    }
}
