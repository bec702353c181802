package dev.lockstep.spark.plan;

import dev.lockstep.spark.interop.Scala;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.apache.spark.sql.catalyst.expressions.Alias;
import org.apache.spark.sql.catalyst.expressions.AttributeSet;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.trees.TreeNode;

/**
 * UPDATE, DELETE and MERGE of Delta tables: commands without children that run several queries of their own. New values
 * are computed by one of these queries, in which calls are extracted as usual; conditions are evaluated by all of them.
 */
final class DeltaCommands {
    private static final String PACKAGE = "org.apache.spark.sql.delta.commands.";

    private DeltaCommands() {}

    /**
     * @param extract makes the calls of a whole plan
     * @return the command to run instead; null when the node is none of these commands
     * @throws UnsupportedOperationException when a condition cannot be computed before the command runs
     */
    static LogicalPlan prepare(LogicalPlan node, UnaryOperator<LogicalPlan> extract) {
        return switch (node.getClass().getName()) {
            case PACKAGE + "MergeIntoCommand" -> prepareMerge(node, extract);
            case PACKAGE + "UpdateCommand" -> refuseCondition(node, "UPDATE", "update set c = 'y'");
            case PACKAGE + "DeleteCommand" -> refuseCondition(node, "DELETE", "delete");
            default -> null;
        };
    }

    private static LogicalPlan refuseCondition(LogicalPlan command, String statement, String action) {
        int place = index(command, "condition");
        if (place < 0) {
            return null;
        }
        Object condition = command.productElement(place);
        if (condition instanceof scala.Some<?> some
                && some.value() instanceof Expression expression
                && GeneratedColumns.mentionsCall(expression)) {
            throw new UnsupportedOperationException("tp_generate in the condition of " + statement + " is not possible"
                    + " with Delta, which evaluates it several times. Write, with id for the table's key: merge into t"
                    + " using (select id from t where tp_generate(p) = 'x') s on t.id = s.id when matched then "
                    + action);
        }
        return command;
    }

    /**
     * Computes calls in conditions as columns of the source, and extracts the source's own. Delta then materializes the
     * source's rows for its queries, because an inference node is declared non-deterministic.
     */
    private static LogicalPlan prepareMerge(LogicalPlan command, UnaryOperator<LogicalPlan> extract) {
        int place = index(command, "source");
        if (place < 0) {
            return null;
        }
        LogicalPlan source = (LogicalPlan) command.productElement(place);
        List<Alias> columns = new ArrayList<>();
        for (Expression part : Scala.list(command.expressions())) {
            collectFromConditions(part, source.outputSet(), columns);
        }
        if (columns.isEmpty() && !GeneratedColumns.mentionsCall(source)) {
            return command;
        }
        LogicalPlan replaced = (LogicalPlan) command.transformExpressions(
                Scala.<Expression, Expression>where(each -> Expressions.columnFor(each, columns)));
        Object[] parts = new Object[replaced.productArity()];
        for (int i = 0; i < parts.length; i++) {
            parts[i] = replaced.productElement(i);
        }
        parts[place] = extract.apply(Expressions.withColumns(source, columns));
        return (LogicalPlan) replaced.makeCopy(parts);
    }

    /** @param part of a command: a condition, a clause with condition and actions, or an action */
    private static void collectFromConditions(Expression part, AttributeSet source, List<Alias> columns) {
        if (part instanceof TpGenerate call) {
            if (!call.references().subsetOf(source)) {
                throw new UnsupportedOperationException(
                        call.sql() + " in a condition of MERGE needs columns of the target,"
                                + " and Delta evaluates conditions several times: compute it in the source: merge into t using"
                                + " (select s.*, tp_generate(t.p) as out from s join t on s.id = t.id) s on t.id = s.id when matched"
                                + " and s.out = 'x' then ...; instead of when not matched by source: merge into t using (select t.id"
                                + " from t left anti join s on s.id = t.id where tp_generate(t.p) = 'x') s on t.id = s.id when matched"
                                + " then ...");
            }
            if (Expressions.columnFor(call, columns) == null) {
                columns.add(Expressions.alias(call, "generated"));
            }
        } else if (!part.getClass().getSimpleName().equals("DeltaMergeAction")) {
            Scala.list(part.children()).forEach(child -> collectFromConditions(child, source, columns));
        }
    }

    /** -1 in a version of Delta that has no such element; the node is then treated as any other. */
    private static int index(TreeNode<?> node, String element) {
        for (int i = 0; i < node.productArity(); i++) {
            if (node.productElementName(i).equals(element)) {
                return i;
            }
        }
        return -1;
    }
}
