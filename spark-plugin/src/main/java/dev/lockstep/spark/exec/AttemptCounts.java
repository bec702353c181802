package dev.lockstep.spark.exec;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.scheduler.AccumulableInfo;
import org.apache.spark.sql.execution.metric.SQLMetric;

/**
 * Keeps sums over tasks correct when tasks run again: a repeated task counts once, with the values of its last attempt.
 * Spark adds up all attempts, and would show rows that do not exist.
 *
 * <p>On the driver's listener thread. Spark adds a task's values before it notifies listeners of the task, so the sum
 * is correct after the last notification.
 */
final class AttemptCounts {
    private final List<SQLMetric> sums;
    private final Map<Long, Map<Task, Long>> shares = new HashMap<>();
    /** Of the shares, by sum. */
    private final Map<Long, Long> totals = new HashMap<>();

    private record Task(int rdd, int partition) {}

    AttemptCounts(List<SQLMetric> sums) {
        this.sums = sums;
    }

    /**
     * A task succeeded.
     *
     * @param rdd what it computed, which stays the same when another stage computes it
     * @param updates of the task's accumulators
     */
    void ended(int rdd, int partition, List<AccumulableInfo> updates) {
        boolean counted = updates.stream().anyMatch(each -> sums.stream().anyMatch(sum -> sum.id() == each.id()));
        if (!counted) {
            return; // It had nothing to do, or copied what an earlier attempt had counted.
        }
        for (SQLMetric sum : sums) {
            long share = updates.stream()
                    .filter(each -> each.id() == sum.id() && each.update().isDefined())
                    .mapToLong(each -> ((Number) each.update().get()).longValue())
                    .findFirst()
                    .orElse(0);
            Map<Task, Long> all = shares.computeIfAbsent(sum.id(), any -> new HashMap<>());
            long total = totals.getOrDefault(sum.id(), 0L);
            // A new action over the same plan begins at zero again.
            if (sum.value() < total) {
                all.clear();
                total = 0;
            }
            Long before = all.put(new Task(rdd, partition), share);
            total += share - (before == null ? 0 : before);
            sum.set(total);
            totals.put(sum.id(), total);
        }
    }
}
