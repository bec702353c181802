package dev.lockstep.spark.exec;

import dev.lockstep.collective.Mesh;
import dev.lockstep.collective.ThreadMeshes;
import dev.lockstep.engine.EngineOptions;
import dev.lockstep.engine.Rank;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReferenceArray;

/** The ranks of one group, all in this executor, each driven by a task of its own. Held by one barrier stage at a time. */
final class GroupEngine extends CachedEngine {
    private final EngineOptions options;
    private final AtomicReferenceArray<Rank> ranks;
    private final Mesh[] meshes;
    private volatile Throwable failure;
    private boolean closed;

    GroupEngine(EngineKey key, EngineOptions options) {
        super(key);
        this.options = options;
        this.ranks = new AtomicReferenceArray<>(options.tp());
        this.meshes = new Mesh[options.tp()];
    }

    /**
     * Loads this rank, together with all others of the group, or hands it back when it is loaded already.
     *
     * @param group a name that the group's ranks of this attempt share and no others
     */
    Rank open(int rank, String group, Duration deadline) {
        if (failure != null) {
            throw new IllegalStateException("the group failed before rank " + rank + " came", failure);
        }
        if (ranks.get(rank) == null) {
            Mesh mesh = ThreadMeshes.join(group, rank, options.tp(), deadline);
            synchronized (this) {
                meshes[rank] = mesh;
                if (failure != null) {
                    mesh.abort(failure);
                }
            }
            keep(rank, RankFactory.of(options.model()).open(options, mesh));
        }
        return ranks.get(rank);
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

    /** Ends whatever all ranks are doing, with this cause. The engine never serves again. The first cause counts. */
    synchronized void fail(Throwable cause) {
        if (failure == null) {
            failure = cause;
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
    void rest() {
        // The leader ended before its task did.
    }

    @Override
    synchronized void close() {
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
