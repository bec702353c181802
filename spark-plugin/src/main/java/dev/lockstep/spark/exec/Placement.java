package dev.lockstep.spark.exec;

import java.util.ArrayList;
import java.util.List;

/**
 * The role of a task of a group's stage, determined after Spark has placed the tasks. The ranks of a group run in one
 * executor: that of the first task, which leads and is the only one to write rows. A task that was placed elsewhere has
 * nothing to do, and a thread in the leader's executor runs its rank.
 *
 * <p>Spark may run only some of the tasks, when it lost the output of those. A partition's rows do not depend on which
 * other tasks run, so that is as correct as a complete attempt.
 *
 * @param role this task's
 * @param standIns of the leader: ranks that no task of this attempt runs in its executor
 */
record Placement(Role role, List<Integer> standIns) {
    enum Role {
        LEADS,
        FOLLOWS,
        /** Has no part in the group. */
        LEAVES
    }

    /**
     * @param executors of the tasks of this attempt, by rank where all are there
     * @param rank of this task
     */
    static Placement of(List<String> executors, int rank, int tp) {
        boolean whole = executors.size() == tp;
        if (rank > 0) {
            boolean here = whole && executors.get(rank).equals(executors.get(0));
            return new Placement(here ? Role.FOLLOWS : Role.LEAVES, List.of());
        }
        List<Integer> standIns = new ArrayList<>();
        for (int other = 1; other < tp; other++) {
            if (!whole || !executors.get(other).equals(executors.get(0))) {
                standIns.add(other);
            }
        }
        return new Placement(Role.LEADS, standIns);
    }
}
