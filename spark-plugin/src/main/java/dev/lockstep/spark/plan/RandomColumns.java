package dev.lockstep.spark.plan;

import dev.lockstep.spark.interop.Scala;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.catalyst.expressions.Alias;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Project;

/**
 * Moves random columns that are computed directly above inference and read no result below it, so that filters, sorts
 * and limits over them can follow. The values stay the same, since inference keeps rows, their order and their
 * partitions.
 */
final class RandomColumns {
    private RandomColumns() {}

    /** Null when there are none. */
    static LogicalPlan below(Project project, TpInference inference) {
        List<NamedExpression> above = new ArrayList<>();
        List<Alias> below = new ArrayList<>();
        for (NamedExpression column : Scala.list(project.projectList())) {
            boolean random = !((Expression) column).deterministic();
            if (random && column instanceof Alias alias && inference.computesBelow(alias)) {
                below.add(alias);
                above.add(alias.toAttribute());
            } else {
                above.add(column);
            }
        }
        return below.isEmpty()
                ? null
                : new Project(Scala.seq(above), inference.over(Expressions.withColumns(inference.child(), below)));
    }
}
