package dev.lockstep.spark.plan;

import dev.lockstep.spark.interop.Scala;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.catalyst.expressions.Alias;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.plans.LeftAnti$;
import org.apache.spark.sql.catalyst.plans.logical.Filter;
import org.apache.spark.sql.catalyst.plans.logical.Join;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.MergeRows;
import org.apache.spark.sql.catalyst.plans.logical.Project;

/**
 * A call that occurs both in a MERGE's clauses and in its ON condition, or in the condition of WHEN NOT MATCHED, which
 * Spark turns into a filter of the source, becomes a column of the source, computed once.
 */
final class MergeCondition {
    private MergeCondition() {}

    /** @param clauses over the join of target and source; null when they share no call with the join's condition */
    static LogicalPlan share(LogicalPlan clauses) {
        if (!(clauses instanceof MergeRows || clauses instanceof Project)
                || !(clauses.children().head() instanceof Join join)
                || join.condition().isEmpty()) {
            return null;
        }
        // With WHEN NOT MATCHED alone the source is the left side, and only its rows are returned.
        boolean insertOnly = join.joinType() == LeftAnti$.MODULE$;
        if (clauses instanceof Project && !insertOnly) {
            return null;
        }
        LogicalPlan source = insertOnly ? join.left() : join.right();
        boolean filtered = insertOnly && source instanceof Filter;
        LogicalPlan below = filtered ? source.children().head() : source;
        List<Expression> conditions = Scala.list(join.expressions());
        if (filtered) {
            conditions.addAll(Scala.list(source.expressions()));
        }
        List<Alias> columns = new ArrayList<>();
        for (TpGenerate call : calls(conditions)) {
            boolean shared = calls(Scala.list(clauses.expressions())).stream().anyMatch(call::semanticEquals);
            if (shared
                    && call.references().subsetOf(below.outputSet())
                    && Expressions.columnFor(call, columns) == null) {
                columns.add(Expressions.alias(call, "generated"));
            }
        }
        if (columns.isEmpty()) {
            return null;
        }
        LogicalPlan computed = Expressions.withColumns(below, columns);
        LogicalPlan left = filtered ? replace(source, columns, computed) : computed;
        LogicalPlan joined =
                insertOnly ? replace(join, columns, left, join.right()) : replace(join, columns, join.left(), computed);
        return replace(clauses, columns, joined);
    }

    /** The node over other children, with the columns for the calls they compute. */
    private static LogicalPlan replace(LogicalPlan node, List<Alias> columns, LogicalPlan... children) {
        LogicalPlan over = (LogicalPlan) node.withNewChildren(Scala.seqOf(children));
        return (LogicalPlan) over.transformExpressions(
                Scala.<Expression, Expression>where(each -> Expressions.columnFor(each, columns)));
    }

    /** The outermost calls. */
    private static List<TpGenerate> calls(List<Expression> expressions) {
        return expressions.stream()
                .flatMap(each ->
                        each instanceof TpGenerate call ? Stream.of(call) : calls(Scala.list(each.children())).stream())
                .toList();
    }
}
