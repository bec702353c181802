package dev.lockstep.spark.plan;

import dev.lockstep.spark.interop.Scala;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.catalyst.expressions.Alias;
import org.apache.spark.sql.catalyst.expressions.And;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.AttributeReference;
import org.apache.spark.sql.catalyst.expressions.EqualNullSafe;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.IsNotNull;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.expressions.NamedExpression$;
import org.apache.spark.sql.catalyst.expressions.Not;
import org.apache.spark.sql.catalyst.expressions.Or;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Project;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Metadata;

/** Small expressions and tests on expressions that several rules need. */
final class Expressions {
    private Expressions() {}

    static boolean containsCall(Expression expression) {
        return contains(expression, TpGenerate.class);
    }

    static boolean contains(Expression expression, Class<?> type) {
        if (type.isInstance(expression)) {
            return true;
        }
        for (Expression child : Scala.list(expression.children())) {
            if (contains(child, type)) {
                return true;
            }
        }
        return false;
    }

    static Alias alias(Expression expression, String name) {
        return new Alias(
                expression,
                name,
                NamedExpression$.MODULE$.newExprId(),
                Scala.seqOf(),
                scala.Option.empty(),
                Scala.seqOf());
    }

    /** The value under the name and the identity of {@code own}. */
    static Alias named(NamedExpression own, Expression value) {
        return new Alias(
                value, own.name(), own.exprId(), own.qualifier(), scala.Option.apply(own.metadata()), Scala.seqOf());
    }

    static Attribute attribute(String name, DataType type) {
        return new AttributeReference(
                name, type, true, Metadata.empty(), NamedExpression$.MODULE$.newExprId(), Scala.seqOf());
    }

    static Expression isTrue(Expression condition) {
        return new EqualNullSafe(condition, Literal.create(true, DataTypes.BooleanType));
    }

    static Expression isFalse(Expression condition) {
        return new EqualNullSafe(condition, Literal.create(false, DataTypes.BooleanType));
    }

    /** @param attributes at least one */
    static Expression notNull(List<Attribute> attributes) {
        return all(attributes.stream()
                .<Expression>map(attribute -> new IsNotNull((Expression) attribute))
                .toList());
    }

    static Expression not(Expression condition) {
        return new Not(condition);
    }

    /** @param terms at least one */
    static Expression all(List<Expression> terms) {
        return terms.stream().reduce(And::new).orElseThrow();
    }

    /** @param terms at least one */
    static Expression any(List<Expression> terms) {
        return terms.stream().reduce(Or::new).orElseThrow();
    }

    static List<Expression> conjuncts(Expression condition) {
        if (condition instanceof And and) {
            List<Expression> both = conjuncts(and.left());
            both.addAll(conjuncts(and.right()));
            return both;
        }
        return new ArrayList<>(List.of(condition));
    }

    /** The plan with these columns added; itself when there are none. */
    static LogicalPlan withColumns(LogicalPlan child, List<? extends NamedExpression> added) {
        if (added.isEmpty()) {
            return child;
        }
        List<NamedExpression> columns = new ArrayList<>(Scala.list(child.output()));
        columns.addAll(added);
        return new Project(Scala.seq(columns), child);
    }

    /** The column that computes this expression, or null. */
    static Expression columnFor(Expression expression, List<Alias> columns) {
        for (Alias column : columns) {
            if (column.child().semanticEquals(expression)) {
                return (Expression) column.toAttribute();
            }
        }
        return null;
    }
}
