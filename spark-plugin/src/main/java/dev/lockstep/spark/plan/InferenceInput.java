package dev.lockstep.spark.plan;

import dev.lockstep.spark.interop.Scala;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.IsNotNull;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.plans.logical.Filter;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Project;

/**
 * The input of inference, decomposed: columns over the rows of {@code base} in which some of its attributes are not
 * null. Spark adapts both to each place where a frame is used: columns by pruning, not-null conditions by what joins
 * imply.
 */
record InferenceInput(LogicalPlan base, List<Attribute> notNull, List<NamedExpression> columns) {

    static InferenceInput of(LogicalPlan child) {
        List<NamedExpression> columns = new ArrayList<>();
        LogicalPlan rows = child;
        if (child instanceof Project project) {
            columns.addAll(Scala.list(project.projectList()));
            rows = project.child();
        } else {
            columns.addAll(Scala.list(child.output()));
        }
        List<Attribute> notNull = new ArrayList<>();
        // Random columns would be others over other rows.
        boolean random = columns.stream().anyMatch(column -> !((Expression) column).deterministic());
        if (!random && rows instanceof Filter filter && filter.condition().deterministic()) {
            List<Expression> others = new ArrayList<>();
            for (Expression term : Expressions.conjuncts(filter.condition())) {
                if (term instanceof IsNotNull test && test.child() instanceof Attribute attribute) {
                    notNull.add(attribute);
                } else {
                    others.add(term);
                }
            }
            rows = others.isEmpty() ? filter.child() : new Filter(Expressions.all(others), filter.child());
        }
        return new InferenceInput(rows, notNull, columns);
    }
}
