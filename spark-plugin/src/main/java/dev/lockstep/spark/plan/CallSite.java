package dev.lockstep.spark.plan;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.If;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.expressions.NamedLambdaVariable;
import org.apache.spark.sql.catalyst.expressions.PlanExpression;
import org.apache.spark.sql.catalyst.expressions.WindowExpression;
import org.apache.spark.sql.catalyst.expressions.aggregate.AggregateExpression;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;

/**
 * A call that occurs in a node's expressions, with the attribute for its result and the conditions under which the
 * result is used. The value matters only where one of these alternatives holds. A condition that cannot be computed
 * where the prompt is computed is dropped: that costs inference, never correctness.
 */
final class CallSite {
    final TpGenerate call;
    final Attribute output;
    private final List<List<Expression>> alternatives = new ArrayList<>();

    CallSite(TpGenerate call) {
        this.call = call;
        this.output = Expressions.attribute("generated", call.dataType());
    }

    /** @param guards conditions, never null, that all hold where the value is used; empty for everywhere */
    void lookedAtWhen(List<Expression> guards) {
        alternatives.add(List.copyOf(guards));
    }

    /** Whether the result is computed wherever all of these conditions hold. */
    boolean isMadeWhen(List<Expression> guards) {
        return alternatives.stream().anyMatch(guards::containsAll);
    }

    /** The prompt over the columns of {@code child}, null in rows whose value is never used. */
    Expression guardedPrompt(LogicalPlan child) {
        List<Expression> any = new ArrayList<>();
        for (List<Expression> guards : alternatives) {
            List<Expression> usable =
                    guards.stream().filter(guard -> usable(guard, child)).toList();
            if (usable.isEmpty()) {
                return call.prompt();
            }
            any.add(Expressions.all(usable));
        }
        Literal none = Literal.create(null, call.prompt().dataType());
        return new If(Expressions.any(any), call.prompt(), none);
    }

    private static boolean usable(Expression guard, LogicalPlan child) {
        return guard.deterministic()
                && guard.references().subsetOf(child.outputSet())
                && !Expressions.contains(guard, PlanExpression.class)
                && !Expressions.contains(guard, AggregateExpression.class)
                && !Expressions.contains(guard, WindowExpression.class)
                && !Expressions.contains(guard, NamedLambdaVariable.class);
    }
}
