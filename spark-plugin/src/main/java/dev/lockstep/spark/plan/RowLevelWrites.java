package dev.lockstep.spark.plan;

import dev.lockstep.spark.interop.Scala;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.catalyst.expressions.AttributeSet;
import org.apache.spark.sql.catalyst.expressions.Exists;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.plans.logical.Filter;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.ReplaceData;

/**
 * UPDATE, DELETE and MERGE as Spark's analyzer rewrites them for tables that replace groups of rows (Iceberg's
 * copy-on-write). Besides the query that computes the new rows, such a node has a condition and a group filter: a
 * subquery that repeats the statement's condition, and with MERGE its source, to find the groups that must be read. The
 * group filter may find too many groups. So the parts of it that depend on generated values are removed, and each row
 * is generated once, for the query.
 *
 * <p>The condition of such a node is only offered to the table, which uses what it can and never evaluates the rest.
 * Calls in it stay unchanged: a DELETE whose condition lost a term could delete whole files.
 */
final class RowLevelWrites {
    private RowLevelWrites() {}

    /** The node itself when its group filter does not depend on a call. */
    static ReplaceData narrowGroupFilter(ReplaceData write) {
        scala.Option<Expression> filter = write.groupFilterCondition();
        if (filter.isEmpty() || !GeneratedColumns.mentionsCall(filter.get())) {
            return write;
        }
        Expression narrowed = filter.get() instanceof Exists exists ? narrow(exists) : withoutCalls(filter.get());
        return write.copy(
                write.table(),
                write.condition(),
                write.query(),
                write.originalTable(),
                write.projections(),
                scala.Option.apply(narrowed),
                write.write());
    }

    /** MERGE: exists (rows of the source that meet the ON condition), or null where none of it can be kept. */
    private static Expression narrow(Exists exists) {
        if (!(exists.plan() instanceof Filter matches)) {
            return null;
        }
        AttributeSet generated = GeneratedColumns.of(matches.child());
        if (generated == null) {
            return null;
        }
        List<Expression> kept = new ArrayList<>();
        for (Expression term : Expressions.conjuncts(matches.condition())) {
            if (!GeneratedColumns.mentionsCall(term)
                    && term.references().intersect(generated).isEmpty()) {
                kept.add(term);
            }
        }
        if (kept.isEmpty()) {
            return null;
        }
        LogicalPlan source = nullForCalls(matches.child());
        return exists.withNewPlan(new Filter(Expressions.all(kept), source));
    }

    /** The plan with null in place of each call, for a reader of other columns. */
    private static LogicalPlan nullForCalls(LogicalPlan plan) {
        return (LogicalPlan) plan.transformAllExpressions(Scala.<Expression, Expression>where(
                each -> each instanceof TpGenerate call ? Literal.create(null, call.dataType()) : null));
    }

    private static Expression withoutCalls(Expression condition) {
        List<Expression> kept = Expressions.conjuncts(condition).stream()
                .filter(term -> !GeneratedColumns.mentionsCall(term))
                .toList();
        return kept.isEmpty() ? null : Expressions.all(kept);
    }
}
