package dev.lockstep.spark.plan;

import dev.lockstep.spark.interop.Scala;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.plans.logical.MergeRows;
import org.apache.spark.sql.catalyst.plans.logical.MergeRows.Instruction;

/**
 * The clauses of a MERGE over the join of target and source. A row takes the first clause of its kind whose condition
 * holds, so the result of a call in a clause is used in few of the join's rows, which include all unmatched rows of the
 * target.
 */
final class MergeClauses {
    private final CallSites sites;
    private final Map<Expression, List<Expression>> reachedWhen = new IdentityHashMap<>();

    private MergeClauses(MergeRows rows, CallSites sites) {
        this.sites = sites;
        Expression source = rows.isSourceRowPresent();
        Expression target = rows.isTargetRowPresent();
        enter(Scala.list(rows.matchedInstructions()), List.of(source, target));
        enter(Scala.list(rows.notMatchedInstructions()), List.of(source, Expressions.not(target)));
        enter(Scala.list(rows.notMatchedBySourceInstructions()), List.of(Expressions.not(source), target));
    }

    /** The node with its calls replaced, found by {@code sites} with the conditions under which they are used. */
    static MergeRows replace(MergeRows rows, CallSites sites) {
        MergeClauses clauses = new MergeClauses(rows, sites);
        return (MergeRows) rows.mapExpressions(new scala.runtime.AbstractFunction1<Expression, Expression>() {
            @Override
            public Expression apply(Expression expression) {
                return clauses.replace(expression);
            }
        });
    }

    private void enter(List<? extends Instruction> clauses, List<Expression> kind) {
        List<Expression> reached = new ArrayList<>(kind);
        for (Instruction clause : clauses) {
            reachedWhen.put((Expression) clause, List.copyOf(reached));
            reached.add(Expressions.not(Expressions.isTrue(clause.condition())));
        }
    }

    private Expression replace(Expression clause) {
        if (!reachedWhen.containsKey(clause)) {
            return sites.replace(clause);
        }
        List<Expression> guards = new ArrayList<>(reachedWhen.get(clause));
        List<Expression> replaced = new ArrayList<>();
        for (Expression part : Scala.list(clause.children())) {
            replaced.add(sites.replace(part, guards));
            if (replaced.size() == 1) {
                guards.add(Expressions.isTrue(part));
            }
        }
        return (Expression) clause.withNewChildren(Scala.seq(replaced));
    }
}
