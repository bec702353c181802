package dev.lockstep.spark.exec;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A task's place among the ranks, found after Spark has placed the tasks: the tasks of one executor form groups of
 * {@code tp}, in the order of their partitions; what is left over idles.
 *
 * @param group this task's group, counted over all executors; -1 for a task that idles
 * @param rank within the group; 0 leads
 * @param groups how many groups there are; 0 when no executor has enough tasks
 */
record Placement(int group, int rank, int groups) {

    /**
     * @param executors each task's executor, by partition
     * @param task this task's partition
     */
    static Placement of(List<String> executors, int task, int tp, int groupsPerExecutor) {
        Map<String, List<Integer>> tasks = new LinkedHashMap<>();
        for (int i = 0; i < executors.size(); i++) {
            tasks.computeIfAbsent(executors.get(i), any -> new ArrayList<>()).add(i);
        }
        int groups = 0;
        int group = -1;
        int rank = -1;
        for (List<Integer> here : tasks.values()) {
            int groupsHere = Math.min(groupsPerExecutor, here.size() / tp);
            int index = here.indexOf(task);
            if (index >= 0 && index < groupsHere * tp) {
                group = groups + index / tp;
                rank = index % tp;
            }
            groups += groupsHere;
        }
        return new Placement(group, rank, groups);
    }

    boolean idle() {
        return group < 0;
    }

    boolean leads() {
        return rank == 0;
    }
}
