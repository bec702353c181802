package dev.lockstep.spark.exec;

import dev.lockstep.engine.RankStats;
import dev.lockstep.generate.Completion;
import dev.lockstep.spark.interop.Scala;
import java.io.Serializable;
import java.util.List;
import java.util.Optional;
import org.apache.spark.SparkContext;
import org.apache.spark.scheduler.AccumulableInfo;
import org.apache.spark.sql.execution.metric.SQLMetric;
import org.apache.spark.sql.execution.metric.SQLMetrics;
import org.apache.spark.util.CollectionAccumulator;
import scala.collection.immutable.Map;

/**
 * The metrics that the node shows in Spark's UI.
 *
 * @param rows rows that came out
 * @param failedRows results that are errors
 * @param promptTokens tokens of the prompts
 * @param generatedTokens tokens generated
 * @param loadTime milliseconds in which weights were read, one value per loading
 * @param batchSize tokens generated per step, averaged over tasks
 * @param failures errors that were written as records, for the driver to end other groups early
 */
record InferenceMetrics(
        SQLMetric rows,
        SQLMetric failedRows,
        SQLMetric promptTokens,
        SQLMetric generatedTokens,
        SQLMetric loadTime,
        SQLMetric batchSize,
        CollectionAccumulator<String> failures)
        implements Serializable {

    static InferenceMetrics create(SparkContext context) {
        return new InferenceMetrics(
                SQLMetrics.createMetric(context, "number of output rows"),
                SQLMetrics.createMetric(context, "failed rows"),
                SQLMetrics.createMetric(context, "prompt tokens"),
                SQLMetrics.createMetric(context, "generated tokens"),
                SQLMetrics.createTimingMetric(context, "model load time", -1),
                SQLMetrics.createAverageMetric(context, "tokens generated per step"),
                context.<String>collectionAccumulator("tp_generate failures"));
    }

    Map<String, SQLMetric> byName() {
        return Scala.map(java.util.Map.of(
                "numOutputRows", rows,
                "failedRows", failedRows,
                "promptTokens", promptTokens,
                "generatedTokens", generatedTokens,
                "loadTime", loadTime,
                "batchSize", batchSize));
    }

    /** Sums in which a task that runs again is to count once. */
    AttemptCounts attemptCounts() {
        return new AttemptCounts(List.of(rows, failedRows, promptTokens, generatedTokens));
    }

    /** The first failure that a task reported. */
    Optional<String> failureOf(List<AccumulableInfo> updates) {
        return updates.stream()
                .filter(each -> each.id() == failures.id() && each.update().isDefined())
                .flatMap(each -> ((List<?>) each.update().get()).stream())
                .map(String.class::cast)
                .findFirst();
    }

    void count(PumpedRow row, int calls) {
        rows.add(1);
        for (int i = 0; i < calls; i++) {
            Completion completion = row.completion(i);
            if (completion != null) {
                failedRows.add(completion.error() == null ? 0 : 1);
                promptTokens.add(completion.promptTokens());
                generatedTokens.add(completion.tokenIds().length);
            }
        }
    }

    void loaded(RankStats stats) {
        loadTime.add(Math.round(stats.loadSeconds() * 1000));
    }

    /** @param before the engine's totals when the task began; null when it was not loaded then */
    void ran(RankStats before, RankStats after) {
        long steps = after.steps() - (before == null ? 0 : before.steps());
        long tokens = after.generatedTokens() - (before == null ? 0 : before.generatedTokens());
        if (steps > 0) {
            batchSize.set((double) tokens / steps);
        }
    }
}
