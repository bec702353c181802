package dev.lockstep.spark.plan;

import dev.lockstep.spark.interop.Scala;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.LambdaFunction;
import org.apache.spark.sql.catalyst.expressions.NamedLambdaVariable;
import org.apache.spark.sql.catalyst.expressions.OuterReference;
import org.apache.spark.sql.catalyst.expressions.SubqueryExpression;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.OverwriteByExpression;

/** Places where a call is not possible, and what to write there instead. */
final class Positions {
    private Positions() {}

    /** @throws UnsupportedOperationException when a call depends on something that is not a column of one plan node */
    static void check(LogicalPlan plan) {
        StoredExpressions.check(plan);
        for (LogicalPlan child : Scala.list(plan.children())) {
            check(child);
        }
        for (Expression expression : Scala.list(plan.expressions())) {
            check(expression);
        }
    }

    private static void check(Expression expression) {
        if (expression instanceof LambdaFunction lambda && dependsOnLambda(lambda.function())) {
            throw new UnsupportedOperationException(
                    "tp_generate over the variable of a lambda function cannot run row by"
                            + " row: explode the array into rows, call tp_generate on the column, and collect it back:"
                            + " select id, collect_list(tp_generate(x)) from (select id, explode(xs) as x from t) group by id");
        }
        if (expression instanceof SubqueryExpression subquery) {
            if (subquery.isCorrelated() && dependsOnOuterRow(subquery.plan())) {
                throw new UnsupportedOperationException("tp_generate inside a correlated subquery (" + subquery.sql()
                        + ") is not possible: write a join instead, or compute the column in a common table expression"
                        + " first: with g as (select *, tp_generate(p) as out from t) select ... g.out ...");
            }
            check(subquery.plan());
        }
        for (Expression child : Scala.list(expression.children())) {
            check(child);
        }
    }

    private static boolean dependsOnLambda(Expression body) {
        if (body instanceof TpGenerate call) {
            return Expressions.contains(call.prompt(), NamedLambdaVariable.class);
        }
        return Scala.list(body.children()).stream().anyMatch(Positions::dependsOnLambda);
    }

    /**
     * Whether a call runs at the same level as, or above, an expression over the outer query's row. Below that, it is a
     * call of an ordinary subquery.
     */
    private static boolean dependsOnOuterRow(LogicalPlan plan) {
        boolean call = Scala.list(plan.expressions()).stream().anyMatch(Expressions::containsCall);
        return call && refersToOuterRow(plan)
                || Scala.list(plan.children()).stream().anyMatch(Positions::dependsOnOuterRow);
    }

    private static boolean refersToOuterRow(LogicalPlan plan) {
        return Scala.list(plan.expressions()).stream()
                        .anyMatch(expression -> Expressions.contains(expression, OuterReference.class))
                || Scala.list(plan.children()).stream().anyMatch(Positions::refersToOuterRow);
    }

    /** Why a call's prompt is computable over none of the node's children. */
    static UnsupportedOperationException cannotPlace(TpGenerate call, LogicalPlan node) {
        if (node instanceof OverwriteByExpression) {
            return new UnsupportedOperationException(
                    call.sql() + " in the condition of an overwrite is not possible: delete"
                            + " the rows first, merge into t using (select id from t where tp_generate(p) = 'x') s on t.id = s.id"
                            + " when matched then delete, and then insert the others, insert into t select ...");
        }
        if (node.children().size() > 1) {
            return new UnsupportedOperationException(call.sql() + " in the condition of a " + node.nodeName()
                    + " needs columns of both sides: join on the other conditions first and filter the result:"
                    + " a.join(b, others).filter(tpGenerate(...).equalTo(...)); for MERGE compute it in the source: merge into"
                    + " t using (select s.*, tp_generate(concat(s.p, t.p)) as out from s join t on s.id = t.id) s on t.id ="
                    + " s.id and s.out = 'x' when matched then ...");
        }
        return new UnsupportedOperationException(call.sql() + " cannot be computed in a " + node.nodeName()
                + ": compute it as a column first, df.withColumn(\"out\", tpGenerate(...)), and use that column here");
    }
}
