package dev.lockstep.spark.plan;

import dev.lockstep.spark.interop.Scala;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Locale;
import org.apache.spark.sql.catalyst.analysis.UnresolvedInlineTable;
import org.apache.spark.sql.catalyst.parser.ParserInterface;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;

/**
 * Checks parsed statements for calls in places that Spark's analyzer evaluates itself, before any rule of a plugin
 * could report a helpful error: VALUES lists and expressions that tables store. All other statements pass unchanged.
 *
 * <p>It is a proxy, because the parser's interface differs between Spark versions.
 */
public final class UnsupportedStatements {
    private UnsupportedStatements() {}

    public static ParserInterface watch(ParserInterface parser) {
        return (ParserInterface) Proxy.newProxyInstance(
                UnsupportedStatements.class.getClassLoader(),
                new Class<?>[] {ParserInterface.class},
                (proxy, method, arguments) -> {
                    Object result;
                    try {
                        result = method.invoke(parser, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                    if (result instanceof LogicalPlan plan
                            && arguments[0] instanceof String text
                            && mentionsCall(text)) {
                        check(plan);
                    }
                    return result;
                });
    }

    private static boolean mentionsCall(String text) {
        return text.toLowerCase(Locale.ROOT).contains(TpGenerate.NAME);
    }

    private static void check(LogicalPlan plan) {
        if (plan instanceof UnresolvedInlineTable table
                && Scala.list(table.rows()).stream()
                        .anyMatch(row -> Scala.list(row).stream().anyMatch(StoredExpressions::calls))) {
            throw new UnsupportedOperationException(
                    "tp_generate in VALUES is not possible: Spark evaluates VALUES while it"
                            + " analyses. Write insert into t select tp_generate(p) from values ('a prompt') as v(p)");
        }
        StoredExpressions.check(plan);
        for (LogicalPlan child : Scala.list(plan.children())) {
            check(child);
        }
    }
}
