package dev.lockstep.spark.plan;

import dev.lockstep.spark.interop.Scala;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.catalyst.expressions.AttributeSet;
import org.apache.spark.sql.catalyst.expressions.AttributeSet$;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.expressions.SubqueryExpression;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Project;
import org.apache.spark.sql.catalyst.plans.logical.SubqueryAlias;
import org.apache.spark.sql.catalyst.plans.logical.View;

/** The columns of a plan that depend on calls in it. */
final class GeneratedColumns {
    private GeneratedColumns() {}

    /** Null when the rows themselves do, or when it cannot be told. */
    static AttributeSet of(LogicalPlan plan) {
        if (!mentionsCall(plan)) {
            return AttributeSet$.MODULE$.empty();
        }
        boolean passesOn = plan instanceof Project || plan instanceof SubqueryAlias || plan instanceof View;
        AttributeSet below = passesOn ? of(plan.children().head()) : null;
        return below != null && plan instanceof Project project ? of(project, below) : below;
    }

    private static AttributeSet of(Project project, AttributeSet below) {
        List<Expression> generated = new ArrayList<>();
        for (NamedExpression column : Scala.list(project.projectList())) {
            Expression expression = (Expression) column;
            if (mentionsCall(expression)
                    || expression.references().intersect(below).nonEmpty()) {
                generated.add((Expression) column.toAttribute());
            }
        }
        return AttributeSet$.MODULE$.apply(Scala.<Expression>seq(generated));
    }

    /** Subqueries included. */
    static boolean mentionsCall(Expression expression) {
        return expression instanceof TpGenerate
                || expression instanceof SubqueryExpression subquery && mentionsCall(subquery.plan())
                || Scala.list(expression.children()).stream().anyMatch(GeneratedColumns::mentionsCall);
    }

    /** Subqueries included. */
    static boolean mentionsCall(LogicalPlan plan) {
        return Scala.list(plan.expressions()).stream().anyMatch(GeneratedColumns::mentionsCall)
                || Scala.list(plan.children()).stream().anyMatch(GeneratedColumns::mentionsCall);
    }
}
