package dev.lockstep.collective;

import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The registry through which ranks that are separate tasks of one JVM form a group, by a shared key. It is the only
 * static state of this package, and holds only groups that are still incomplete, never a complete or failed one.
 */
public final class ThreadMeshes {
    private static final Map<String, Gathering> GATHERING = new HashMap<>();

    private static final class Gathering {
        private final List<Mesh> ends;
        private final BitSet joined = new BitSet();
        private MeshException failure;

        Gathering(int size, Duration deadline) {
            ends = ThreadMesh.group(size, deadline);
        }

        boolean isComplete() {
            return joined.cardinality() == ends.size();
        }

        String missing() {
            List<Integer> ranks = new ArrayList<>();
            for (int rank = joined.nextClearBit(0); rank < ends.size(); rank = joined.nextClearBit(rank + 1)) {
                ranks.add(rank);
            }
            return ranks.toString();
        }
    }

    private ThreadMeshes() {}

    /**
     * Joins the group of this key and returns when all its ranks have joined. The key may be used again for a new group
     * from then on. The group's operations have the deadline of the rank that came first.
     *
     * @param deadline how long to wait for the other ranks
     * @throws MeshException naming the ranks that did not join in time; or if another rank gave up, or this rank was
     *     interrupted
     * @throws IllegalArgumentException if another rank joined as this one, or with another size
     */
    public static Mesh join(String groupKey, int rank, int size, Duration deadline) {
        synchronized (GATHERING) {
            Gathering gathering = GATHERING.get(groupKey);
            check(groupKey, rank, size, gathering);
            if (gathering == null) {
                gathering = new Gathering(size, deadline);
                GATHERING.put(groupKey, gathering);
            }
            gathering.joined.set(rank);
            if (gathering.isComplete()) {
                GATHERING.remove(groupKey);
                GATHERING.notifyAll();
            }
            await(groupKey, rank, gathering, deadline);
            return gathering.ends.get(rank);
        }
    }

    private static void check(String groupKey, int rank, int size, Gathering gathering) {
        if (rank < 0 || rank >= size) {
            throw new IllegalArgumentException(
                    "rank " + rank + " joins group " + groupKey + ", expected 0 to " + (size - 1));
        }
        if (gathering != null && gathering.ends.size() != size) {
            throw new IllegalArgumentException("rank " + rank + " joins group " + groupKey + " as one of " + size
                    + ", but others joined it as one of " + gathering.ends.size());
        }
        if (gathering != null && gathering.joined.get(rank)) {
            throw new IllegalArgumentException("rank " + rank + " joins group " + groupKey
                    + ", which it has joined already: two attempts of one task need different keys");
        }
    }

    private static void await(String groupKey, int rank, Gathering gathering, Duration deadline) {
        long start = System.nanoTime();
        while (!gathering.isComplete()) {
            if (gathering.failure != null) {
                throw new MeshException(gathering.failure.getMessage(), gathering.failure);
            }
            long remaining = deadline.toNanos() - (System.nanoTime() - start);
            if (remaining <= 0) {
                String late = "ranks " + gathering.missing() + " of " + gathering.ends.size() + " did not join group "
                        + groupKey + " within " + deadline.toMillis() + " ms of rank " + rank;
                throw giveUp(groupKey, gathering, new MeshException(late, null));
            }
            try {
                GATHERING.wait(remaining / 1_000_000, (int) (remaining % 1_000_000));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                if (gathering.isComplete()) {
                    return; // The others have their ends already: the first operation will meet the interrupt.
                }
                String interrupted = "rank " + rank + " was interrupted while it waited for ranks "
                        + gathering.missing() + " of group " + groupKey;
                throw giveUp(groupKey, gathering, new MeshException(interrupted, e));
            }
        }
    }

    /** Fails an incomplete group on all ranks that wait in it. */
    private static MeshException giveUp(String groupKey, Gathering gathering, MeshException failure) {
        gathering.failure = failure;
        GATHERING.remove(groupKey, gathering);
        GATHERING.notifyAll();
        return failure;
    }

    /** Groups that are still gathering. */
    static int gathering() {
        synchronized (GATHERING) {
            return GATHERING.size();
        }
    }
}
