package dev.lockstep.spark.exec;

import dev.lockstep.spark.interop.Scala;
import java.util.Comparator;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.spark.SparkContext;
import org.apache.spark.scheduler.TaskSchedulerImpl;

/**
 * An executor's task slots as the driver knows them.
 *
 * @param total tasks that it runs at a time
 * @param busy tasks that it runs now
 */
record ExecutorSlots(String id, String host, int total, int busy) {

    /** The current executors, in a stable order; in local mode the driver itself. */
    static List<ExecutorSlots> of(SparkContext context) {
        // The status store learns of losses by way of a queue, the scheduler at once. In local mode it cannot be asked.
        Set<String> alive = context.isLocal() ? Set.of("driver") : new HashSet<>(Scala.list(context.getExecutorIds()));
        scala.collection.Map<String, Object> running = running(context);
        return Scala.list(context.statusStore().executorList(true)).stream()
                .filter(each -> each.isActive() && each.maxTasks() > 0 && alive.contains(each.id()))
                .map(each -> new ExecutorSlots(each.id(), host(each.hostPort()), each.maxTasks(), (Integer)
                        running.getOrElse(each.id(), () -> 0)))
                .sorted(Comparator.comparing((ExecutorSlots each) -> each.id().length())
                        .thenComparing(ExecutorSlots::id))
                .toList();
    }

    /** The scheduler's own count: the status store leaves the last updates out. */
    private static scala.collection.Map<String, Object> running(SparkContext context) {
        return context.taskScheduler() instanceof TaskSchedulerImpl scheduler
                ? scheduler.runningTasksByExecutors()
                : scala.collection.immutable.Map$.MODULE$.empty();
    }

    /** Executors that went since then, and why. */
    static List<String> lostSince(Date start, SparkContext context) {
        return Scala.list(context.statusStore().executorList(false)).stream()
                .filter(each -> !each.isActive() && each.removeTime().isDefined())
                .filter(each -> !each.removeTime().get().before(start))
                .map(each -> "executor " + each.id() + " on " + host(each.hostPort()) + " ("
                        + each.removeReason().getOrElse(() -> "no reason given") + ")")
                .toList();
    }

    private static String host(String hostPort) {
        int colon = hostPort.lastIndexOf(':');
        return colon < 0 ? hostPort : hostPort.substring(0, colon);
    }

    int free() {
        return Math.max(0, total - busy);
    }

    /** Groups of {@code tp} ranks that it may run at a time. */
    int groups(int tp, int groupsPerExecutor) {
        return Math.min(groupsPerExecutor, total / tp);
    }

    /** As an RDD's preferred location names it. */
    String location() {
        return "executor_" + host + "_" + id;
    }

    static int largest(List<ExecutorSlots> executors) {
        return executors.stream().mapToInt(ExecutorSlots::total).max().orElse(0);
    }

    static int total(List<ExecutorSlots> executors) {
        return executors.stream().mapToInt(ExecutorSlots::total).sum();
    }

    static int free(List<ExecutorSlots> executors) {
        return executors.stream().mapToInt(ExecutorSlots::free).sum();
    }
}
