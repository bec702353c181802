package dev.lockstep.spark.plan;

import dev.lockstep.spark.interop.Scala;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.apache.spark.sql.catalyst.expressions.Alias;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.expressions.aggregate.AggregateExpression;
import org.apache.spark.sql.catalyst.plans.logical.Aggregate;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Project;

/**
 * Moves calls out of an aggregate. Calls in grouping keys and in arguments of aggregate functions run on the input
 * rows; calls over keys and aggregates run on the output rows.
 */
final class AggregateCalls {
    private final Aggregate aggregate;
    private final List<Alias> below = new ArrayList<>();
    private final List<NamedExpression> kept = new ArrayList<>();

    private AggregateCalls(Aggregate aggregate) {
        this.aggregate = aggregate;
    }

    /** @param extract makes the calls of a node without aggregates */
    static LogicalPlan moveOut(Aggregate aggregate, UnaryOperator<LogicalPlan> extract) {
        return new AggregateCalls(aggregate).moveOut(extract);
    }

    private LogicalPlan moveOut(UnaryOperator<LogicalPlan> extract) {
        List<Expression> keys = new ArrayList<>();
        for (Expression key : Scala.list(aggregate.groupingExpressions())) {
            keys.add(Expressions.containsCall(key) ? columnBelow(key) : key);
        }
        List<Expression> results = new ArrayList<>();
        for (NamedExpression result : Scala.list(aggregate.aggregateExpressions())) {
            results.add(pullArguments((Expression) result));
        }
        LogicalPlan child =
                below.isEmpty() ? aggregate.child() : extract.apply(Expressions.withColumns(aggregate.child(), below));
        if (results.stream().noneMatch(Expressions::containsCall)) {
            List<NamedExpression> named = new ArrayList<>();
            results.forEach(result -> named.add((NamedExpression) result));
            return new Aggregate(Scala.seq(keys), Scala.seq(named), child, aggregate.hint());
        }
        List<NamedExpression> above = new ArrayList<>();
        for (Expression result : results) {
            above.add((NamedExpression) splitAbove(result, keys));
        }
        Aggregate inner = new Aggregate(Scala.seq(keys), Scala.seq(kept), child, aggregate.hint());
        return extract.apply(new Project(Scala.seq(above), inner));
    }

    /**
     * Replaces keys that hold calls, and arguments of aggregate functions that hold calls, by columns that a child
     * computes.
     */
    private Expression pullArguments(Expression expression) {
        if (!Expressions.containsCall(expression)) {
            return expression;
        }
        for (Expression key : Scala.list(aggregate.groupingExpressions())) {
            if (key.semanticEquals(expression)) {
                return columnBelow(key);
            }
        }
        boolean inside = expression instanceof AggregateExpression;
        List<Expression> children = new ArrayList<>();
        for (Expression child : Scala.list(expression.children())) {
            children.add(inside ? pullFromFunction(child) : pullArguments(child));
        }
        return (Expression) expression.withNewChildren(Scala.seq(children));
    }

    /** @param part an aggregate function, whose arguments are pulled, or an aggregate's filter, pulled whole */
    private Expression pullFromFunction(Expression part) {
        if (!Expressions.containsCall(part)) {
            return part;
        }
        if (!(part instanceof org.apache.spark.sql.catalyst.expressions.aggregate.AggregateFunction)) {
            return columnBelow(part);
        }
        List<Expression> arguments = new ArrayList<>();
        for (Expression argument : Scala.list(part.children())) {
            arguments.add(Expressions.containsCall(argument) ? columnBelow(argument) : argument);
        }
        return (Expression) part.withNewChildren(Scala.seq(arguments));
    }

    private Attribute columnBelow(Expression expression) {
        for (Alias column : below) {
            if (column.child().semanticEquals(expression)) {
                return column.toAttribute();
            }
        }
        Alias column = Expressions.alias(expression, "input");
        below.add(column);
        return column.toAttribute();
    }

    /** The expression over the inner aggregate's output: keys and aggregates in it become attributes of that output. */
    private Expression splitAbove(Expression expression, List<Expression> keys) {
        if (expression instanceof NamedExpression named && !Expressions.containsCall(expression)) {
            kept.add(named);
            return (Expression) named.toAttribute();
        }
        return replaceKept(expression, keys);
    }

    private Expression replaceKept(Expression expression, List<Expression> keys) {
        boolean belongs = expression instanceof AggregateExpression
                || keys.stream().anyMatch(key -> key.semanticEquals(expression));
        if (belongs) {
            return keep(expression);
        }
        List<Expression> children = new ArrayList<>();
        for (Expression child : Scala.list(expression.children())) {
            children.add(replaceKept(child, keys));
        }
        return children.isEmpty() ? expression : (Expression) expression.withNewChildren(Scala.seq(children));
    }

    private Attribute keep(Expression expression) {
        for (NamedExpression each : kept) {
            Expression held = each instanceof Alias alias ? alias.child() : (Expression) each;
            if (held.semanticEquals(expression)) {
                return each.toAttribute();
            }
        }
        NamedExpression named =
                expression instanceof Attribute attribute ? attribute : Expressions.alias(expression, "aggregate");
        kept.add(named);
        return named.toAttribute();
    }
}
