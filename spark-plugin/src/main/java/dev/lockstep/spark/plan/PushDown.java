package dev.lockstep.spark.plan;

import dev.lockstep.spark.interop.Scala;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.AttributeSet;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.expressions.SortOrder;
import org.apache.spark.sql.catalyst.plans.logical.Aggregate;
import org.apache.spark.sql.catalyst.plans.logical.Filter;
import org.apache.spark.sql.catalyst.plans.logical.GlobalLimit;
import org.apache.spark.sql.catalyst.plans.logical.LocalLimit;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Offset;
import org.apache.spark.sql.catalyst.plans.logical.Project;
import org.apache.spark.sql.catalyst.plans.logical.RepartitionByExpression;
import org.apache.spark.sql.catalyst.plans.logical.Sample;
import org.apache.spark.sql.catalyst.plans.logical.Sort;
import org.apache.spark.sql.catalyst.plans.logical.Tail;
import org.apache.spark.sql.catalyst.rules.Rule;

/**
 * Limits inference to the rows and results that are used. Inference returns one row for each row, in the same order and
 * partition, so operators that only select or sort rows by other columns may run before it. Without this, {@code
 * show()} would infer a whole table.
 */
public final class PushDown extends Rule<LogicalPlan> {
    @Override
    public LogicalPlan apply(LogicalPlan plan) {
        return (LogicalPlan) plan.transformUp(Scala.<LogicalPlan, LogicalPlan>where(PushDown::one));
    }

    private static LogicalPlan one(LogicalPlan node) {
        if (node instanceof TpInference inference) {
            return MergeInference.merge(inference);
        }
        if (node instanceof Project project && project.child() instanceof TpInference inference) {
            LogicalPlan used = dropUnused(project, inference);
            return used != null ? used : RandomColumns.below(project, inference);
        }
        if (node instanceof Filter filter && filter.child() instanceof TpInference inference) {
            return FilterFirst.move(filter, inference);
        }
        if (picksOrOrdersRows(node)) {
            LogicalPlan sunk = sink(node, node.children().head());
            return sunk == null && samplesItsInput(node) ? materialize(node) : sunk;
        }
        return samplesItsInput(node) ? materialize(node) : null;
    }

    /**
     * The node moved below the inference that {@code child} leads to, or null when it cannot get there. Either all the
     * way or not at all: Spark moves projections below limits, so a partial move would be undone again and again.
     */
    private static LogicalPlan sink(LogicalPlan node, LogicalPlan child) {
        if (child instanceof TpInference inference) {
            return usesResult(node.references(), inference)
                    ? null
                    : inference.over((LogicalPlan) node.withNewChildren(Scala.seqOf(inference.child())));
        }
        if (child instanceof Project project
                && node.references().subsetOf(project.child().outputSet())
                && Scala.list(project.projectList()).stream().allMatch(each -> ((Expression) each).deterministic())) {
            LogicalPlan below = sink(node, project.child());
            return below == null ? null : new Project(project.projectList(), below);
        }
        return null;
    }

    /** Spark computes the input of a range partitioning twice: once for a sample of its keys. */
    private static boolean samplesItsInput(LogicalPlan node) {
        return node instanceof Sort sort && sort.global()
                || node instanceof RepartitionByExpression repartition
                        && Scala.list(repartition.partitionExpressions()).stream()
                                .anyMatch(SortOrder.class::isInstance);
    }

    /** Has the inferences below materialize their results for the second reader; null when all do already. */
    private static LogicalPlan materialize(LogicalPlan node) {
        boolean changed = false;
        List<LogicalPlan> children = new ArrayList<>();
        for (LogicalPlan child : Scala.list(node.children())) {
            LogicalPlan kept = null;
            if (child instanceof TpInference inference) {
                kept = inference.materialized() ? null : inference.materialize();
            } else if (!endsInShuffle(child)) {
                kept = materialize(child);
            }
            children.add(kept == null ? child : kept);
            changed |= kept != null;
        }
        return changed ? (LogicalPlan) node.withNewChildren(Scala.seq(children)) : null;
    }

    /** Nodes whose own shuffle is read by both jobs. Joins may or may not have one. */
    private static boolean endsInShuffle(LogicalPlan node) {
        return node instanceof Aggregate || node instanceof GlobalLimit || samplesItsInput(node);
    }

    private static boolean picksOrOrdersRows(LogicalPlan node) {
        return node instanceof GlobalLimit
                || node instanceof LocalLimit
                || node instanceof Offset
                || node instanceof Sort
                || node instanceof Sample
                || node instanceof Tail;
    }

    private static boolean usesResult(AttributeSet references, TpInference inference) {
        return references.intersect(inference.generated()).nonEmpty();
    }

    /** A call whose result is not read does not run: {@code count()} runs no inference. */
    private static LogicalPlan dropUnused(Project project, TpInference inference) {
        List<Expression> calls = new ArrayList<>();
        List<Attribute> outputs = new ArrayList<>();
        List<Attribute> all = Scala.list(inference.outputs());
        for (int i = 0; i < all.size(); i++) {
            if (project.references().contains((NamedExpression) all.get(i))) {
                calls.add(inference.calls().apply(i));
                outputs.add(all.get(i));
            }
        }
        if (calls.size() == all.size()) {
            return null;
        }
        LogicalPlan child = calls.isEmpty()
                ? inference.child()
                : new TpInference(Scala.seq(calls), Scala.seq(outputs), inference.materialized(), inference.child());
        return new Project(project.projectList(), child);
    }
}
