package dev.lockstep.spark.plan;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.plans.logical.Filter;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;

/**
 * Moves the terms of a filter that read no result below inference. A term that draws random numbers moves too if it
 * sees the same rows there, since inference keeps rows, their order and their partitions. Such a term therefore does
 * not move past a term that stays, and no term moves past it if it stays.
 */
final class FilterFirst {
    private FilterFirst() {}

    /** Null when no term can move. */
    static LogicalPlan move(Filter filter, TpInference inference) {
        List<Expression> first = new ArrayList<>();
        List<Expression> after = new ArrayList<>();
        boolean randomStays = false;
        for (Expression term : Expressions.conjuncts(filter.condition())) {
            boolean inTurn = term.deterministic() ? !randomStays : after.isEmpty();
            if (inTurn && inference.computesBelow(term)) {
                first.add(term);
            } else {
                after.add(term);
                randomStays |= !term.deterministic();
            }
        }
        if (first.isEmpty()) {
            return null;
        }
        LogicalPlan inner = inference.over(new Filter(Expressions.all(first), inference.child()));
        return after.isEmpty() ? inner : new Filter(Expressions.all(after), inner);
    }
}
