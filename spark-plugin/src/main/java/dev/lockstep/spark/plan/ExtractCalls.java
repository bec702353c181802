package dev.lockstep.spark.plan;

import dev.lockstep.spark.Settings;
import dev.lockstep.spark.interop.Scala;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.expressions.Alias;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.Cast;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.plans.logical.Aggregate;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.MergeRows;
import org.apache.spark.sql.catalyst.plans.logical.Project;
import org.apache.spark.sql.catalyst.plans.logical.ReplaceData;
import org.apache.spark.sql.catalyst.plans.logical.RowLevelWrite;
import org.apache.spark.sql.catalyst.rules.Rule;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.NullType;

/**
 * Moves every call into a {@link TpInference} below the node in which it occurs. A plan normalization rule: it runs
 * after analysis and before the cache look-up and the optimizer. If calls were extracted at the optimizer's end, as
 * Spark does for Python functions, a filter on the result could be pushed below the projection and repeat the call.
 */
public final class ExtractCalls extends Rule<LogicalPlan> {
    private final SparkSession session;

    public ExtractCalls(SparkSession session) {
        this.session = session;
    }

    @Override
    public LogicalPlan apply(LogicalPlan plan) {
        LogicalPlan shared = (LogicalPlan) plan.transform(Scala.<LogicalPlan, LogicalPlan>where(MergeCondition::share));
        if (shared instanceof ReplaceData write) {
            shared = RowLevelWrites.narrowGroupFilter(write);
        }
        Positions.check(shared);
        return shared instanceof RowLevelWrite write
                ? (LogicalPlan) shared.withNewChildren(Scala.seqOf(extractAll(write.query())))
                : extractAll(shared);
    }

    private LogicalPlan extractAll(LogicalPlan plan) {
        return (LogicalPlan) plan.transformUpWithSubqueries(Scala.<LogicalPlan, LogicalPlan>where(this::visit));
    }

    /** Null when the node stays as it is. */
    private LogicalPlan visit(LogicalPlan node) {
        LogicalPlan command = DeltaCommands.prepare(node, this::apply);
        if (command != null) {
            return command;
        }
        return node instanceof TpInference || !containsCall(node) ? null : extract(node);
    }

    private static boolean containsCall(LogicalPlan node) {
        return Scala.list(node.expressions()).stream().anyMatch(Expressions::containsCall);
    }

    private LogicalPlan extract(LogicalPlan node) {
        if (!containsCall(node)) {
            return node;
        }
        if (node instanceof Aggregate aggregate) {
            return extract(AggregateCalls.moveOut(aggregate, this::extract));
        }
        CallSites sites = new CallSites();
        LogicalPlan replaced = node instanceof MergeRows rows
                ? MergeClauses.replace(rows, sites)
                : (LogicalPlan) node.mapExpressions(new ReplaceIn(sites));
        List<LogicalPlan> children = assign(node, sites.found());
        LogicalPlan next = extract((LogicalPlan) replaced.withNewChildren(Scala.seq(children)));
        return next.output().equals(node.output()) ? next : new Project(Scala.seq(Scala.list(node.output())), next);
    }

    private record ReplaceIn(CallSites sites) implements scala.Function1<Expression, Expression> {
        @Override
        public Expression apply(Expression expression) {
            return sites.replace(expression);
        }
    }

    /** The node's children, each with the calls that need its columns only. */
    private List<LogicalPlan> assign(LogicalPlan node, List<CallSite> sites) {
        List<CallSite> left = new ArrayList<>(sites);
        List<LogicalPlan> children = new ArrayList<>();
        for (LogicalPlan child : Scala.list(node.children())) {
            List<CallSite> here = left.stream()
                    .filter(site -> site.call.prompt().references().subsetOf(child.outputSet()))
                    .toList();
            left.removeAll(here);
            children.add(infer(child, here));
        }
        if (!left.isEmpty()) {
            throw Positions.cannotPlace(left.get(0).call, node);
        }
        return children;
    }

    /** One inference node for each engine that the calls need. */
    private LogicalPlan infer(LogicalPlan child, List<CallSite> sites) {
        List<Alias> promptColumns = new ArrayList<>();
        Map<Settings, List<Expression>> calls = new LinkedHashMap<>();
        Map<Settings, List<Attribute>> outputs = new LinkedHashMap<>();
        for (CallSite site : sites) {
            Attribute prompt = promptColumn(site.guardedPrompt(child), promptColumns);
            Settings resolved = SessionSettings.resolve(site.call.settings(), session);
            Settings shared = resolved.shared();
            calls.computeIfAbsent(shared, any -> new ArrayList<>()).add(new TpGenerate(prompt, resolved));
            outputs.computeIfAbsent(shared, any -> new ArrayList<>()).add(site.output);
        }
        LogicalPlan plan = Expressions.withColumns(child, promptColumns);
        for (Map.Entry<Settings, List<Expression>> each : calls.entrySet()) {
            plan = new TpInference(Scala.seq(each.getValue()), Scala.seq(outputs.get(each.getKey())), false, plan);
        }
        return plan;
    }

    private static Attribute promptColumn(Expression prompt, List<Alias> promptColumns) {
        Expression typed = prompt.dataType() instanceof NullType
                ? new Cast(prompt, DataTypes.StringType, scala.Option.empty(), Cast.apply$default$4())
                : prompt;
        if (typed instanceof Attribute attribute) {
            return attribute;
        }
        for (Alias column : promptColumns) {
            if (column.child().deterministic() && column.child().semanticEquals(typed)) {
                return column.toAttribute();
            }
        }
        Alias column = Expressions.alias(typed, "prompt");
        promptColumns.add(column);
        return column.toAttribute();
    }
}
