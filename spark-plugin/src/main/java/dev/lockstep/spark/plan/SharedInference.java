package dev.lockstep.spark.plan;

import dev.lockstep.spark.exec.SharedRows;
import dev.lockstep.spark.interop.Scala;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.catalyst.expressions.Alias;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.ExprId;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.plans.logical.Filter;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Project;

/**
 * One inference that is used at several places of a query. Their inputs are the same rows, except for columns and
 * not-null conditions. It has all columns and calls that any of the places needs, on all rows that any of them needs.
 */
final class SharedInference {
    private final TpInference first;
    private final LogicalPlan base;
    private final List<NamedExpression> columns = new ArrayList<>();
    private final List<Expression> calls = new ArrayList<>();
    private final List<Attribute> outputs = new ArrayList<>();
    private final Set<List<Object>> made = new HashSet<>();
    private final List<Place> places = new ArrayList<>();

    /**
     * @param attributes ours for each of the place's own
     * @param ofBase attributes of our base that are not null in the place's rows
     * @param ofResult the same as columns of ours
     */
    private record Place(
            TpInference inference,
            Map<ExprId, Attribute> attributes,
            List<Attribute> ofBase,
            List<Attribute> ofResult) {}

    SharedInference(TpInference first) {
        this.first = first;
        InferenceInput input = InferenceInput.of(first.child());
        base = input.base();
        add(first, input);
    }

    int places() {
        return places.size();
    }

    /** Adds the place if it makes a call of ours over our rows. */
    boolean admits(TpInference other) {
        InferenceInput input = InferenceInput.of(other.child());
        boolean equal = other.shared().equals(first.shared())
                && input.base().sameResult(base)
                && !Collections.disjoint(calls(other, input), made);
        if (equal) {
            add(other, input);
        }
        return equal;
    }

    private void add(TpInference inference, InferenceInput input) {
        Map<ExprId, Attribute> ofBase = toBase(input);
        Map<ExprId, Attribute> attributes = new HashMap<>();
        Set<NamedExpression> taken = new HashSet<>();
        for (NamedExpression column : input.columns()) {
            attributes.put(column.exprId(), column(column, over(ofBase, value(column)), taken));
        }
        List<Attribute> results = Scala.list(inference.outputs());
        for (int i = 0; i < results.size(); i++) {
            Expression call = over(attributes, inference.calls().apply(i));
            attributes.put(results.get(i).exprId(), result(results.get(i), call));
        }
        made.addAll(calls(inference, input));
        List<Attribute> notNull = input.notNull().stream()
                .map(attribute -> ofBase.get(attribute.exprId()))
                .toList();
        List<Attribute> shown = notNull.stream()
                .map(attribute -> column(attribute, (Expression) attribute, new HashSet<>()))
                .toList();
        places.add(new Place(inference, attributes, notNull, shown));
    }

    private Map<ExprId, Attribute> toBase(InferenceInput input) {
        Map<ExprId, Attribute> ours = new HashMap<>();
        for (int i = 0; i < base.output().size(); i++) {
            ours.put(input.base().output().apply(i).exprId(), base.output().apply(i));
        }
        return ours;
    }

    /** The key of the calls of a place: their prompts over our base, and their settings. */
    private Set<List<Object>> calls(TpInference inference, InferenceInput input) {
        Map<ExprId, Attribute> ofBase = toBase(input);
        Map<ExprId, Expression> prompts = new HashMap<>();
        input.columns().forEach(each -> prompts.put(each.exprId(), over(ofBase, value(each))));
        Set<List<Object>> calls = new HashSet<>();
        for (Expression each : Scala.list(inference.calls())) {
            TpGenerate call = (TpGenerate) each;
            Expression prompt = prompts.get(((Attribute) call.prompt()).exprId());
            calls.add(List.of(prompt.canonicalized(), call.settings()));
        }
        return calls;
    }

    private static Expression value(NamedExpression column) {
        return column instanceof Alias alias ? alias.child() : (Expression) column;
    }

    private static Expression over(Map<ExprId, Attribute> ours, Expression expression) {
        return (Expression) expression.transform(Scala.<Expression, Expression>where(
                each -> each instanceof Attribute attribute ? (Expression) ours.get(attribute.exprId()) : null));
    }

    /**
     * Our column of this value, a new one if there is none yet.
     *
     * @param taken columns that already represent other columns of the same place: two random columns of a place must
     *     stay two
     */
    private Attribute column(NamedExpression own, Expression value, Set<NamedExpression> taken) {
        for (NamedExpression column : columns) {
            boolean equal = value(column).canonicalized().equals(value.canonicalized());
            if (equal && (value.deterministic() || taken.add(column))) {
                return column.toAttribute();
            }
        }
        NamedExpression column = value instanceof Attribute attribute
                ? attribute
                : places.isEmpty() ? Expressions.named(own, value) : Expressions.alias(value, own.name());
        columns.add(column);
        taken.add(column);
        return column.toAttribute();
    }

    private Attribute result(Attribute own, Expression call) {
        for (int i = 0; i < calls.size(); i++) {
            if (calls.get(i).canonicalized().equals(call.canonicalized())) {
                return outputs.get(i);
            }
        }
        Attribute output = places.isEmpty() ? own : Expressions.attribute(own.name(), own.dataType());
        calls.add(call);
        outputs.add(output);
        return output;
    }

    /**
     * The replacement at each place, by {@link ShareInference#identity}: the place's own columns and rows of the one
     * inference.
     */
    Map<Object, LogicalPlan> views() {
        Set<Expression> needed = new HashSet<>();
        boolean all = false;
        for (Place place : places) {
            all |= place.ofBase().isEmpty();
            if (!all) {
                needed.add(Expressions.notNull(place.ofBase()));
            }
        }
        LogicalPlan rows = all ? base : new Filter(Expressions.any(List.copyOf(needed)), base);
        TpInference one = new TpInference(
                Scala.seq(calls), Scala.seq(outputs), true, new Project(Scala.seq(columns), rows), new SharedRows());
        boolean asNeeded =
                all ? places.stream().allMatch(place -> place.ofBase().isEmpty()) : needed.size() == 1;
        Map<Object, LogicalPlan> views = new IdentityHashMap<>();
        for (Place place : places) {
            boolean whole = asNeeded || place.ofResult().isEmpty();
            LogicalPlan own = whole ? one : new Filter(Expressions.notNull(place.ofResult()), one);
            views.put(ShareInference.identity(place.inference()), new Project(Scala.seq(shown(place)), own));
        }
        return views;
    }

    private static List<NamedExpression> shown(Place place) {
        List<NamedExpression> shown = new ArrayList<>();
        for (Attribute own : Scala.list(place.inference().output())) {
            Attribute ours = place.attributes().get(own.exprId());
            shown.add(ours.exprId().equals(own.exprId()) ? own : Expressions.named(own, (Expression) ours));
        }
        return shown;
    }
}
