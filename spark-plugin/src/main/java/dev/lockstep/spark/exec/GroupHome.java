package dev.lockstep.spark.exec;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.SparkContext;

/**
 * The preferred executor of a group, chosen on the driver each time that Spark is about to submit its stage: one
 * executor that has room for all of its ranks now, and different executors for different groups. Spark may still place
 * tasks elsewhere.
 */
final class GroupHome {
    private final int group;
    private final int tp;
    private final int groupsPerExecutor;
    private final StageWatch watch;
    private final SparkContext context;
    private final Attempts attempts = new Attempts();
    private List<String> chosen = List.of();

    GroupHome(int group, int tp, int groupsPerExecutor, StageWatch watch, SparkContext context) {
        this.group = group;
        this.tp = tp;
        this.groupsPerExecutor = groupsPerExecutor;
        this.watch = watch;
        this.context = context;
    }

    /** A preferred location, or none: the same for all ranks of the attempt that is being submitted. */
    synchronized List<String> of(int rank) {
        if (attempts.begins(rank)) {
            watch.begin();
            chosen = context.isLocal() ? List.of() : choose(ExecutorSlots.of(context), group, tp, groupsPerExecutor);
        }
        return chosen;
    }

    /** The group's own executor; another one if that has no room now. */
    static List<String> choose(List<ExecutorSlots> executors, int group, int tp, int groupsPerExecutor) {
        List<ExecutorSlots> seats = seats(executors, tp, groupsPerExecutor);
        if (seats.isEmpty()) {
            return List.of();
        }
        ExecutorSlots own = seats.get(group % seats.size());
        List<ExecutorSlots> free =
                seats.stream().filter(each -> each.free() >= tp).toList();
        boolean stays = own.free() >= tp || free.isEmpty();
        return List.of((stays ? own : free.get(group % free.size())).location());
    }

    /** Each executor once, then those with room for a second group, and so on. */
    private static List<ExecutorSlots> seats(List<ExecutorSlots> executors, int tp, int groupsPerExecutor) {
        List<ExecutorSlots> seats = new ArrayList<>();
        for (int round = 0; round < groupsPerExecutor; round++) {
            int before = seats.size();
            for (ExecutorSlots executor : executors) {
                if (round < executor.groups(tp, groupsPerExecutor)) {
                    seats.add(executor);
                }
            }
            if (seats.size() == before) {
                break;
            }
        }
        return seats;
    }
}
