package dev.lockstep.spark.plan;

import dev.lockstep.spark.interop.Scala;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.catalyst.expressions.Alias;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.plans.LeftAnti$;
import org.apache.spark.sql.catalyst.plans.logical.Join;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.MergeRows;
import org.apache.spark.sql.catalyst.plans.logical.Project;

/** A call that stands both in a MERGE's ON condition and in its clauses becomes a column of the source, computed once. */
final class MergeCondition {
    private MergeCondition() {}

    /** @param clauses over the join of target and source; null when they share no call with the join's condition */
    static LogicalPlan share(LogicalPlan clauses) {
        if (!(clauses instanceof MergeRows || clauses instanceof Project)
                || !(clauses.children().head() instanceof Join join)
                || join.condition().isEmpty()) {
            return null;
        }
        // With WHEN NOT MATCHED alone the source comes first, and only its rows come out.
        boolean insertOnly = join.joinType() == LeftAnti$.MODULE$;
        if (clauses instanceof Project && !insertOnly) {
            return null;
        }
        LogicalPlan source = insertOnly ? join.left() : join.right();
        List<Alias> columns = new ArrayList<>();
        for (TpGenerate call : calls(join.condition().get())) {
            boolean shared = Scala.list(clauses.expressions()).stream()
                    .flatMap(expression -> calls(expression).stream())
                    .anyMatch(other -> other.semanticEquals(call));
            if (shared
                    && call.references().subsetOf(source.outputSet())
                    && Expressions.columnFor(call, columns) == null) {
                columns.add(Expressions.alias(call, "generated"));
            }
        }
        if (columns.isEmpty()) {
            return null;
        }
        LogicalPlan computed = Expressions.withColumns(source, columns);
        LogicalPlan over = replace(
                (LogicalPlan) join.withNewChildren(
                        insertOnly ? Scala.seqOf(computed, join.right()) : Scala.seqOf(join.left(), computed)),
                columns);
        return replace((LogicalPlan) clauses.withNewChildren(Scala.seqOf(over)), columns);
    }

    private static LogicalPlan replace(LogicalPlan node, List<Alias> columns) {
        return (LogicalPlan) node.transformExpressions(
                Scala.<Expression, Expression>where(each -> Expressions.columnFor(each, columns)));
    }

    /** The outermost calls. */
    private static List<TpGenerate> calls(Expression expression) {
        if (expression instanceof TpGenerate call) {
            return List.of(call);
        }
        return Scala.list(expression.children()).stream()
                .flatMap(child -> calls(child).stream())
                .toList();
    }
}
