package dev.lockstep.engine;

import dev.lockstep.collective.Mesh;
import dev.lockstep.collective.ThreadMesh;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * A whole group in this process: followers on threads of their own, the leader on the caller's. For the command line,
 * verification and tests.
 */
public final class LocalGroup implements AutoCloseable {
    private static final Duration DEADLINE = Duration.ofMinutes(10);

    private final ExecutorService threads;
    private final List<RankSession> sessions;
    private final List<Future<?>> followers = new ArrayList<>();

    private final Reservation reservation;

    private LocalGroup(ExecutorService threads, List<RankSession> sessions, Reservation reservation) {
        this.threads = threads;
        this.sessions = sessions;
        this.reservation = reservation;
    }

    /**
     * Loads all ranks and starts the followers.
     *
     * @param whole whether whole outputs of every row may be asked for (verification)
     */
    public static LocalGroup open(EngineOptions options, boolean whole) {
        return open(Reservation.none(options), whole);
    }

    /**
     * As above, within the memory that all models of this process share.
     *
     * @throws IllegalStateException when the others leave too little, with what they hold
     */
    public static LocalGroup open(EngineOptions options, boolean whole, ModelMemory memory) {
        return open(memory.reserve(options), whole);
    }

    private static LocalGroup open(Reservation reservation, boolean whole) {
        try {
            return load(reservation, whole);
        } catch (RuntimeException | Error failed) {
            reservation.close();
            throw failed;
        }
    }

    private static LocalGroup load(Reservation reservation, boolean whole) {
        EngineOptions options = reservation.options();
        List<Mesh> meshes = ThreadMesh.group(options.tp(), DEADLINE);
        ExecutorService threads = Executors.newFixedThreadPool(options.tp(), task -> {
            Thread thread = new Thread(task, "lockstep-rank");
            thread.setDaemon(true);
            return thread;
        });
        List<Future<RankSession>> opening = new ArrayList<>();
        for (Mesh mesh : meshes) {
            opening.add(threads.submit(() -> RankSession.open(options, mesh, whole)));
        }
        LocalGroup group = new LocalGroup(threads, collect(opening, threads), reservation);
        group.followAll();
        return group;
    }

    private static List<RankSession> collect(List<Future<RankSession>> opening, ExecutorService threads) {
        List<RankSession> opened = new ArrayList<>();
        Throwable failure = null;
        for (Future<RankSession> future : opening) {
            try {
                opened.add(future.get());
            } catch (ExecutionException failed) {
                failure = Failures.firstCause(failure, failed.getCause());
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                failure = interrupted;
            }
        }
        if (failure != null) {
            opened.forEach(RankSession::close);
            threads.shutdownNow();
            throw Failures.unchecked(failure);
        }
        return opened;
    }

    private void followAll() {
        for (RankSession session : sessions.subList(1, sessions.size())) {
            followers.add(threads.submit(() -> {
                try {
                    session.follow();
                } catch (RuntimeException | Error failed) {
                    session.mesh().abort(failed);
                    throw failed;
                }
            }));
        }
    }

    /** The rank that drives the group. */
    public RankSession leader() {
        return sessions.get(0);
    }

    public List<RankSession> sessions() {
        return sessions;
    }

    /** Releases the followers and closes every rank. Throws what a follower failed with. */
    @Override
    public void close() {
        Throwable failure = null;
        try {
            leader().release();
        } catch (RuntimeException failed) {
            failure = failed;
        }
        for (Future<?> follower : followers) {
            try {
                follower.get();
            } catch (ExecutionException failed) {
                failure = Failures.firstCause(failure, failed.getCause());
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                failure = interrupted;
            }
        }
        sessions.forEach(RankSession::close);
        threads.shutdownNow();
        reservation.close();
        if (failure != null) {
            throw Failures.unchecked(failure);
        }
    }
}
