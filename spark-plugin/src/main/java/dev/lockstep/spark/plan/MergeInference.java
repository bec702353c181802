package dev.lockstep.spark.plan;

import dev.lockstep.spark.interop.Scala;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.catalyst.expressions.Alias;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.AttributeSet;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Project;

/**
 * Merges two consecutive nodes with the same engine, as two calls of {@code withColumn} produce them, unless the second
 * reads a result of the first.
 */
final class MergeInference {
    private MergeInference() {}

    /** Null when there is nothing to merge. */
    static LogicalPlan merge(TpInference upper) {
        if (upper.child() instanceof TpInference lower) {
            boolean independent = upper.prompts().subsetOf(lower.child().outputSet());
            return independent && sameEngine(upper, lower) ? together(upper, lower, lower.child()) : null;
        }
        return upper.child() instanceof Project project
                        && project.child() instanceof TpInference lower
                        && sameEngine(upper, lower)
                ? mergeOver(upper, project, lower)
                : null;
    }

    private static boolean sameEngine(TpInference upper, TpInference lower) {
        return upper.shared().equals(lower.shared());
    }

    private static TpInference together(TpInference upper, TpInference lower, LogicalPlan child) {
        List<Expression> calls = Scala.list(lower.calls());
        calls.addAll(Scala.list(upper.calls()));
        List<Attribute> outputs = Scala.list(lower.outputs());
        outputs.addAll(Scala.list(upper.outputs()));
        return new TpInference(
                Scala.seq(calls), Scala.seq(outputs), upper.materialized() || lower.materialized(), child);
    }

    /** The prompts that the projection computes are computed below both, and passed on by the projection. */
    private static LogicalPlan mergeOver(TpInference upper, Project project, TpInference lower) {
        AttributeSet prompts = upper.prompts();
        List<Alias> computed = new ArrayList<>();
        List<NamedExpression> above = new ArrayList<>();
        for (NamedExpression column : Scala.list(project.projectList())) {
            if (!prompts.contains(column.toAttribute())) {
                above.add(column);
                continue;
            }
            Expression expression = (Expression) column;
            if (!expression.deterministic()
                    || !expression.references().subsetOf(lower.child().outputSet())) {
                return null;
            }
            if (column instanceof Alias alias) {
                computed.add(alias);
            }
            above.add(column.toAttribute());
        }
        above.addAll(Scala.list(upper.outputs()));
        LogicalPlan child = Expressions.withColumns(lower.child(), computed);
        return new Project(Scala.seq(above), together(upper, lower, child));
    }
}
