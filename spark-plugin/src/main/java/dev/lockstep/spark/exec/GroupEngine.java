package dev.lockstep.spark.exec;

import dev.lockstep.collective.Mesh;
import dev.lockstep.collective.ThreadMeshes;
import dev.lockstep.engine.EngineOptions;
import dev.lockstep.engine.ModelMemory;
import dev.lockstep.engine.Rank;
import dev.lockstep.engine.Reservation;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReferenceArray;

/** The ranks of one group, all in this executor, each driven by a task of its own. Held by one barrier stage at a time. */
final class GroupEngine extends CachedEngine {
    private final EngineOptions options;
    private final int groups;
    private final ModelMemory memory;
    private final Object reserving = new Object();
    /** Made by the first rank that comes. */
    private Reservation reservation;

    private final AtomicReferenceArray<Rank> ranks;
    private final Mesh[] meshes;
    private volatile Throwable failure;
    private boolean closed;
    /** The group whose leader has decided whether there is anything to run, and what. */
    private String called;

    private boolean needed;

    /**
     * @param groups of this model that the executor is to have
     * @param memory from which it reserves its part when it is loaded
     */
    GroupEngine(EngineKey key, EngineOptions options, int groups, ModelMemory memory) {
        super(key);
        this.options = options;
        this.groups = groups;
        this.memory = memory;
        this.ranks = new AtomicReferenceArray<>(options.tp());
        this.meshes = new Mesh[options.tp()];
    }

    /**
     * The leader announces to its followers whether there is anything to run, so that a group without prompts loads
     * nothing.
     *
     * @param group as in {@link #open}
     */
    synchronized void call(String group, boolean work) {
        if (!group.equals(called)) {
            called = group;
            needed = work;
            notifyAll();
        }
    }

    /** The leader's announcement; false also when the group failed before it. */
    synchronized boolean awaitCall(String group) throws InterruptedException {
        while (!group.equals(called)) {
            if (failure != null) {
                return false;
            }
            wait();
        }
        return needed;
    }

    /**
     * Loads this rank, together with all others of the group, or returns it when it is already loaded.
     *
     * @param group a name that the group's ranks of this attempt share and no others
     */
    Rank open(int rank, String group, Duration deadline) {
        if (failure != null) {
            throw new IllegalStateException("the group failed before rank " + rank + " came", failure);
        }
        if (ranks.get(rank) == null) {
            EngineOptions reserved = reserve().options();
            Mesh mesh = ThreadMeshes.join(group, rank, options.tp(), deadline);
            synchronized (this) {
                meshes[rank] = mesh;
                if (failure != null) {
                    mesh.abort(failure);
                }
            }
            keep(rank, RankFactory.of(options.model()).open(reserved, mesh));
        }
        return ranks.get(rank);
    }

    /** Not under the engine's own lock: other engines may have to be closed first, and the group may fail meanwhile. */
    private Reservation reserve() {
        synchronized (reserving) {
            if (reservation == null) {
                reservation = RankFactory.of(options.model()).reserve(memory, options, groups);
            }
            return reservation;
        }
    }

    /** Loading cannot be interrupted, so the engine may have been given up meanwhile. */
    private synchronized void keep(int rank, Rank opened) {
        if (closed) {
            opened.close();
            throw new IllegalStateException("the group failed while rank " + rank + " was loading", failure);
        }
        ranks.set(rank, opened);
    }

    /** Null while it is not loaded. */
    Rank rank(int rank) {
        return ranks.get(rank);
    }

    /** Ends the work of all ranks with this cause. The engine is not used again. Only the first cause is kept. */
    synchronized void fail(Throwable cause) {
        if (failure == null) {
            failure = cause;
            notifyAll();
        }
        for (Mesh mesh : meshes) {
            if (mesh != null) {
                mesh.abort(cause);
            }
        }
    }

    /** The first failure of any rank, or null. */
    Throwable failure() {
        return failure;
    }

    @Override
    int tasksOfLease() {
        return options.tp();
    }

    @Override
    boolean usable() {
        return failure == null;
    }

    @Override
    void onIdle() {
        // The leader ended before its task did.
    }

    /** Its ranks are driven by the tasks that hold it. */
    @Override
    boolean awaitQuiescent(long millis) {
        return true;
    }

    @Override
    void close() {
        closeRanks();
        synchronized (reserving) {
            if (reservation != null) {
                reservation.close();
            }
        }
    }

    private synchronized void closeRanks() {
        closed = true;
        for (int i = 0; i < ranks.length(); i++) {
            if (ranks.get(i) != null) {
                ranks.get(i).close();
            } else if (meshes[i] != null) {
                meshes[i].close();
            }
        }
    }
}
