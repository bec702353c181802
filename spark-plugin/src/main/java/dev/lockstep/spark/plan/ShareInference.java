package dev.lockstep.spark.plan;

import dev.lockstep.spark.interop.Scala;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.catalyst.optimizer.CollapseProject$;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.rules.Rule;

/**
 * Merges equal inferences of a query, as a join or a union of a frame with itself produces them. Runs after the
 * operators are optimized, when no rule moves anything into or out of inference any more.
 */
public final class ShareInference extends Rule<LogicalPlan> {
    @Override
    public LogicalPlan apply(LogicalPlan plan) {
        LogicalPlan current = plan;
        for (Map<Object, LogicalPlan> views = equal(plan); views != null; views = equal(current)) {
            Map<Object, LogicalPlan> shared = views;
            LogicalPlan replaced =
                    (LogicalPlan) current.transformDownWithSubqueries(Scala.<LogicalPlan, LogicalPlan>where(
                            node -> node instanceof TpInference inference ? shared.get(identity(inference)) : null));
            // So that inferences above see their inputs over the merged inferences.
            current = CollapseProject$.MODULE$.apply(replaced);
        }
        return current;
    }

    /** The replacements of equal inferences, by their identities; null when no two are equal. */
    private static Map<Object, LogicalPlan> equal(LogicalPlan plan) {
        Set<Object> found = Collections.newSetFromMap(new IdentityHashMap<>());
        List<SharedInference> groups = new ArrayList<>();
        plan.collectWithSubqueries(Scala.<LogicalPlan, TpInference>where(
                        node -> node instanceof TpInference inference && !inference.isStreaming() ? inference : null))
                .foreach(inference -> {
                    if (found.add(identity(inference)) && groups.stream().noneMatch(group -> group.admits(inference))) {
                        groups.add(new SharedInference(inference));
                    }
                    return null;
                });
        return groups.stream()
                .filter(group -> group.places() > 1)
                .findFirst()
                .map(SharedInference::views)
                .orElse(null);
    }

    /** Places that share one already count as one. */
    static Object identity(TpInference inference) {
        return inference.sharing() == null ? inference : inference.sharing();
    }
}
