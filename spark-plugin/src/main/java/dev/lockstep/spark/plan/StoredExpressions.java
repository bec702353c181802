package dev.lockstep.spark.plan;

import dev.lockstep.spark.interop.Scala;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.spark.sql.catalyst.analysis.UnresolvedFunction;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.plans.logical.DefaultValueExpression;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.connector.expressions.Transform;
import org.apache.spark.sql.types.Metadata;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Finds calls that a statement would store with a table, so that later statements evaluate them where our rules do not
 * run: CHECK constraints, generated columns, defaults, partitions. Some are expressions and some are text. Classes that
 * not all versions of Spark and Delta have are matched by name.
 */
final class StoredExpressions {
    private static final Pattern CALL =
            Pattern.compile("(?<![\\w.])`?" + TpGenerate.NAME + "`?\\s*\\(", Pattern.CASE_INSENSITIVE);
    private static final Set<String> WITH_PROPERTIES = Set.of(
            "CreateTable", "CreateTableAsSelect", "ReplaceTable", "ReplaceTableAsSelect", "SaveIntoDataSourceCommand");
    private static final String CHECK_PROPERTY = "delta.constraints.";
    private static final Set<String> GENERATION_KEYS = Set.of("delta.generationExpression", "GENERATION_EXPRESSION");
    private static final String DEFAULT_KEY = "CURRENT_DEFAULT";
    private static final String INSERT_INSTEAD =
            " Leave it out and write insert into t select ..., tp_generate(p) from ...";

    private StoredExpressions() {}

    /** @throws UnsupportedOperationException that says what to write instead */
    static void check(LogicalPlan node) {
        String type = node.getClass().getSimpleName();
        boolean addsConstraint = type.startsWith("AlterTableAddConstraint");
        if (addsConstraint || WITH_PROPERTIES.contains(type)) {
            for (int i = 0; i < node.productArity(); i++) {
                if (addsConstraint && mentionsCall(node.productElement(i))) {
                    throw check();
                }
                checkPart(node.productElement(i));
            }
        }
        Scala.list(node.expressions()).forEach(StoredExpressions::check);
    }

    private static void check(Expression expression) {
        if (expression instanceof DefaultValueExpression value && calls(value.child())) {
            throw defaultValue();
        }
        switch (expression.getClass().getSimpleName()) {
            case "CheckConstraint" -> {
                if (calls(expression)) {
                    throw check();
                }
            }
            case "AlterColumnSpec" -> {
                if (mentionsCall(part(expression, "newDefaultExpression"))) {
                    throw defaultValue();
                }
            }
            case "ColumnDefinition" -> {
                if (mentionsCall(part(expression, "generationExpression"))) {
                    throw generatedColumn();
                }
            }
            default -> {}
        }
        Scala.list(expression.children()).forEach(StoredExpressions::check);
    }

    /** @param part of a node that creates a table: its schema, partitions, properties and their containers */
    private static void checkPart(Object part) {
        if (part instanceof scala.collection.Map<?, ?> properties) {
            CollectionConverters.asJava(properties).forEach((key, value) -> {
                if (String.valueOf(key).startsWith(CHECK_PROPERTY) && mentionsCall(value)) {
                    throw check();
                }
            });
        } else if (part instanceof Transform transform && transform.name().equalsIgnoreCase(TpGenerate.NAME)) {
            throw new UnsupportedOperationException(
                    "tp_generate as a table's partition is not possible: make a column of"
                            + " it and partition by that: create table t partitioned by (out) as select ..., tp_generate(p) as out"
                            + " from ...");
        } else if (part instanceof Metadata column) {
            if (GENERATION_KEYS.stream().anyMatch(key -> column.contains(key) && mentionsCall(column.getString(key)))) {
                throw generatedColumn();
            }
            if (column.contains(DEFAULT_KEY) && mentionsCall(column.getString(DEFAULT_KEY))) {
                throw defaultValue();
            }
        } else if (part instanceof scala.collection.Iterable<?> several) {
            CollectionConverters.asJava(several).forEach(StoredExpressions::checkPart);
        } else if (part instanceof scala.Product product && !(part instanceof LogicalPlan)) {
            for (int i = 0; i < product.productArity(); i++) {
                checkPart(product.productElement(i));
            }
        }
    }

    /** Whether an expression, analysed or not, calls the function. */
    static boolean calls(Expression expression) {
        boolean call = expression instanceof TpGenerate
                || expression instanceof UnresolvedFunction function
                        && function.nameParts().last().equalsIgnoreCase(TpGenerate.NAME);
        return call || Scala.list(expression.children()).stream().anyMatch(StoredExpressions::calls);
    }

    private static boolean mentionsCall(Object text) {
        Object value = text instanceof scala.Some<?> some ? some.value() : text;
        return value instanceof String string && CALL.matcher(string).find();
    }

    private static Object part(Expression expression, String name) {
        for (int i = 0; i < expression.productArity(); i++) {
            if (expression.productElementName(i).equals(name)) {
                return expression.productElement(i);
            }
        }
        return null;
    }

    private static UnsupportedOperationException check() {
        return new UnsupportedOperationException(
                "tp_generate in a CHECK constraint is not possible: every later write would"
                        + " have to evaluate it. Store its result in a column, insert into t select ..., tp_generate(p) as out from"
                        + " ..., and check that: alter table t add constraint c check (out > '0')");
    }

    private static UnsupportedOperationException generatedColumn() {
        return new UnsupportedOperationException(
                "tp_generate in a generated column is not possible: every later write would" + " have to evaluate it."
                        + INSERT_INSTEAD);
    }

    private static UnsupportedOperationException defaultValue() {
        return new UnsupportedOperationException(
                "tp_generate as a column's DEFAULT is not possible: a default is a constant." + INSERT_INSTEAD);
    }
}
