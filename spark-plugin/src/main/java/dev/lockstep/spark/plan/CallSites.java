package dev.lockstep.spark.plan;

import dev.lockstep.spark.interop.Scala;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import org.apache.spark.sql.catalyst.expressions.And;
import org.apache.spark.sql.catalyst.expressions.CaseWhen;
import org.apache.spark.sql.catalyst.expressions.Coalesce;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.If;
import org.apache.spark.sql.catalyst.expressions.IsNull;
import org.apache.spark.sql.catalyst.expressions.Or;

/**
 * Walks the expressions of a node and replaces the calls that can run now by attributes. A call waits for the next
 * round while its prompt or one of its conditions contains a call itself, unless the same call runs anyway. The first
 * call in order of evaluation never waits, so every round makes progress.
 */
final class CallSites {
    private final Map<Expression, CallSite> sites = new LinkedHashMap<>();

    /** The calls found by {@link #replace}, each once however often it occurs. */
    List<CallSite> found() {
        return new ArrayList<>(sites.values());
    }

    Expression replace(Expression expression) {
        return replace(expression, List.of());
    }

    /** @param guards conditions, never null, that all hold where the expression is used */
    Expression replace(Expression expression, List<Expression> guards) {
        if (!Expressions.containsCall(expression)) {
            return expression;
        }
        List<Expression> children = Scala.list(expression.children());
        if (expression instanceof TpGenerate call) {
            boolean ready =
                    !Expressions.containsCall(call.prompt()) && guards.stream().noneMatch(Expressions::containsCall);
            if (ready) {
                return site(call, guards).output;
            }
            CallSite made = sites.get(key(call));
            return made != null && made.isMadeWhen(guards)
                    ? made.output
                    : each(expression, children, (child, index) -> guards);
        }
        if (expression instanceof If || expression instanceof CaseWhen) {
            return each(expression, children, (child, index) -> with(guards, beforeBranch(children, index)));
        }
        if (expression instanceof Coalesce) {
            return each(
                    expression,
                    children,
                    (child, index) -> with(
                            guards,
                            children.subList(0, index).stream()
                                    .<Expression>map(IsNull::new)
                                    .toList()));
        }
        if (expression instanceof And) {
            return each(
                    expression,
                    children,
                    (child, index) -> with(
                            guards, sibling(children, index, other -> Expressions.not(Expressions.isFalse(other)))));
        }
        if (expression instanceof Or) {
            return each(
                    expression,
                    children,
                    (child, index) -> with(
                            guards, sibling(children, index, other -> Expressions.not(Expressions.isTrue(other)))));
        }
        return each(expression, children, (child, index) -> guards);
    }

    private CallSite site(TpGenerate call, List<Expression> guards) {
        CallSite site = sites.computeIfAbsent(key(call), any -> new CallSite(call));
        site.lookedAtWhen(guards);
        return site;
    }

    private static Expression key(TpGenerate call) {
        return call.deterministic() ? call.canonicalized() : call;
    }

    private Expression each(
            Expression parent, List<Expression> children, BiFunction<Expression, Integer, List<Expression>> guards) {
        List<Expression> replaced = new ArrayList<>();
        for (int i = 0; i < children.size(); i++) {
            replaced.add(replace(children.get(i), guards.apply(children.get(i), i)));
        }
        return (Expression) parent.withNewChildren(Scala.seq(replaced));
    }

    /** Children of IF and CASE: condition, value, condition, value, ..., and a last value when their number is odd. */
    private static List<Expression> beforeBranch(List<Expression> children, int index) {
        List<Expression> terms = new ArrayList<>();
        boolean lastValue = index % 2 == 0 && index == children.size() - 1;
        boolean value = index % 2 == 1 || lastValue;
        int ownCondition = lastValue || !value ? index : index - 1;
        for (int i = 0; i < ownCondition; i += 2) {
            terms.add(Expressions.not(Expressions.isTrue(children.get(i))));
        }
        if (value && !lastValue) {
            terms.add(Expressions.isTrue(children.get(ownCondition)));
        }
        return terms;
    }

    /** AND and OR: the right side is evaluated after the left; the left need not be where a right without calls decides. */
    private static List<Expression> sibling(List<Expression> children, int index, UnaryOperator<Expression> undecided) {
        Expression other = children.get(1 - index);
        boolean decidesFirst = index == 1 || !Expressions.containsCall(other);
        return decidesFirst ? List.of(undecided.apply(other)) : List.of();
    }

    private static List<Expression> with(List<Expression> guards, List<Expression> more) {
        List<Expression> all = new ArrayList<>(guards);
        all.addAll(more);
        return all;
    }
}
