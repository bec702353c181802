package dev.lockstep.collective;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.LockSupport;

/**
 * The barrier of a group's threads. Every rank counts its arrivals; phase {@code p} is over for a rank when all ranks
 * have arrived {@code p} times. All writes of a rank before its arrival are visible to all after the phase.
 *
 * <p>A rank waits by spinning for a few microseconds (where there is a core for each rank), then by yielding, then by
 * parking until another rank arrives, fails or leaves.
 */
final class MeetingPoint {
    private static final int SPINS = 500;
    private static final int YIELDS = 200;
    private static final long LONGEST_PARK_NANOS = 10_000_000;
    /** Counts lie on cache lines of their own. */
    private static final int STRIDE = 16;

    /** Why the group can no longer meet. */
    private record Failure(String message, Throwable cause) {}

    private final int size;
    private final Duration deadline;
    private final boolean spin;
    private final AtomicLongArray arrivals;
    private final AtomicReferenceArray<Thread> parked;
    private final AtomicReference<Failure> failure = new AtomicReference<>();
    private final AtomicIntegerArray left;

    /** Two of each: a rank may announce phase p + 1 while others still compare phase p, but never p + 2. */
    private final MeshOperation[][] operations;

    private final int[][] amounts;

    MeetingPoint(int size, Duration deadline) {
        this.size = size;
        this.deadline = deadline;
        spin = size <= Runtime.getRuntime().availableProcessors();
        arrivals = new AtomicLongArray(size * STRIDE);
        parked = new AtomicReferenceArray<>(size);
        left = new AtomicIntegerArray(size);
        operations = new MeshOperation[2][size];
        amounts = new int[2][size];
    }

    int size() {
        return size;
    }

    /**
     * Announces an operation and returns when all ranks have announced the same.
     *
     * @throws MeshException if another rank failed, left, did not arrive in time, or announced something else
     */
    void begin(int rank, MeshOperation operation, int amount) {
        int slot = (int) (arrivals.get(rank * STRIDE) + 1 & 1);
        operations[slot][rank] = operation;
        amounts[slot][rank] = amount;
        meet(rank, operation, amount);
        for (int other = 0; other < size; other++) {
            if (operations[slot][other] != operation || amounts[slot][other] != amount) {
                fail("the ranks called different operations: " + called(slot), null);
                throwFailure();
            }
        }
    }

    /** Returns when all ranks are done with the operation they began last. */
    void end(int rank, MeshOperation operation, int amount) {
        // Announced again, so that a phase always finds what belongs to it.
        int slot = (int) (arrivals.get(rank * STRIDE) + 1 & 1);
        operations[slot][rank] = operation;
        amounts[slot][rank] = amount;
        meet(rank, operation, amount);
    }

    private void meet(int rank, MeshOperation operation, int amount) {
        throwFailure();
        long phase = arrivals.incrementAndGet(rank * STRIDE);
        wakeAll();
        for (int attempt = 0; spin && attempt < SPINS; attempt++) {
            if (allArrived(phase)) {
                return;
            }
            Thread.onSpinWait();
        }
        for (int attempt = 0; attempt < YIELDS; attempt++) {
            if (allArrived(phase)) {
                return;
            }
            Thread.yield();
        }
        awaitParked(rank, phase, operation, amount);
    }

    private void awaitParked(int rank, long phase, MeshOperation operation, int amount) {
        long start = System.nanoTime();
        parked.set(rank, Thread.currentThread());
        try {
            while (!allArrived(phase)) {
                throwFailure();
                failIfLeft(phase, operation, amount);
                if (Thread.currentThread().isInterrupted()) {
                    String message = "rank " + rank + " was interrupted in " + operation.describe(amount);
                    fail(message, new InterruptedException(message));
                    throwFailure();
                }
                long remaining = deadline.toNanos() - (System.nanoTime() - start);
                if (remaining <= 0) {
                    failLate(rank, phase, operation, amount);
                } else {
                    LockSupport.parkNanos(this, Math.min(remaining, LONGEST_PARK_NANOS));
                }
            }
        } finally {
            parked.set(rank, null);
        }
    }

    /** Fails the group, unless it has failed already, and wakes all who wait. */
    void fail(String message, Throwable cause) {
        failure.compareAndSet(null, new Failure(message, cause));
        wakeAll();
    }

    /** A rank will not come again. */
    void leave(int rank) {
        left.set(rank, 1);
        wakeAll();
    }

    boolean hasLeft(int rank) {
        return left.get(rank) != 0;
    }

    private boolean allArrived(long phase) {
        for (int rank = 0; rank < size; rank++) {
            if (arrivals.get(rank * STRIDE) < phase) {
                return false;
            }
        }
        return true;
    }

    private void wakeAll() {
        for (int rank = 0; rank < size; rank++) {
            Thread waiting = parked.get(rank);
            if (waiting != null && waiting != Thread.currentThread()) {
                LockSupport.unpark(waiting);
            }
        }
    }

    private void throwFailure() {
        Failure failed = failure.get();
        if (failed != null) {
            throw new MeshException(failed.message, failed.cause);
        }
    }

    private void failIfLeft(long phase, MeshOperation operation, int amount) {
        for (int rank = 0; rank < size; rank++) {
            // Left is read first: a rank that arrives and then leaves has arrived.
            if (hasLeft(rank) && arrivals.get(rank * STRIDE) < phase) {
                String call = operation.describe(amount);
                fail("rank " + rank + " of " + size + " closed its mesh while others wait for it in " + call, null);
                throwFailure();
            }
        }
    }

    private void failLate(int rank, long phase, MeshOperation operation, int amount) {
        List<Integer> missing = new ArrayList<>();
        for (int other = 0; other < size; other++) {
            if (arrivals.get(other * STRIDE) < phase) {
                missing.add(other);
            }
        }
        if (!missing.isEmpty()) {
            fail(
                    "ranks " + missing + " of " + size + " did not arrive at " + operation.describe(amount) + " within "
                            + deadline.toMillis() + " ms of rank " + rank
                            + ": they failed, hang, or are slower than the group's deadline allows",
                    null);
            throwFailure();
        }
    }

    private String called(int slot) {
        List<String> calls = new ArrayList<>();
        for (int rank = 0; rank < size; rank++) {
            calls.add("rank " + rank + " " + operations[slot][rank].describe(amounts[slot][rank]));
        }
        return String.join(", ", calls);
    }
}
