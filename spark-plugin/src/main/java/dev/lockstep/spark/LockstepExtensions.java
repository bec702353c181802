package dev.lockstep.spark;

import dev.lockstep.spark.exec.DriverChecks;
import dev.lockstep.spark.plan.CallBuilder;
import dev.lockstep.spark.plan.CapturedKeys;
import dev.lockstep.spark.plan.ExtractCalls;
import dev.lockstep.spark.plan.InferenceStrategy;
import dev.lockstep.spark.plan.PushDown;
import dev.lockstep.spark.plan.ShareInference;
import dev.lockstep.spark.plan.TpGenerate;
import dev.lockstep.spark.plan.UnsupportedStatements;
import org.apache.spark.sql.SparkSessionExtensions;
import org.apache.spark.sql.SparkSessionExtensionsProvider;
import org.apache.spark.sql.catalyst.FunctionIdentifier;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.ExpressionInfo;
import scala.Function1;
import scala.Tuple3;
import scala.collection.immutable.Seq;
import scala.runtime.BoxedUnit;

/**
 * Adds {@code tp_generate} to every session. Named in a service file, so that Spark loads it by itself when the jar is on
 * the class path or in {@code spark.jars}.
 */
public final class LockstepExtensions implements SparkSessionExtensionsProvider {
    private static final String USAGE =
            "_FUNC_(prompt [, model [, options]] [, name => value ...]) - Continues the prompt"
                    + " (a text, or an array of token ids) with a language model. Options: model, max_new_tokens, temperature,"
                    + " top_k, top_p, num_beams, length_penalty, early_stopping, seed, stop, ignore_eos, failOnError, tp, dtype,"
                    + " split. Defaults come from spark.lockstep.*";

    @Override
    public BoxedUnit apply(SparkSessionExtensions extensions) {
        CapturedKeys.register();
        DriverChecks checks = new DriverChecks();
        Function1<Seq<Expression>, Expression> builder = CallBuilder::build;
        extensions.injectFunction(new Tuple3<>(
                new FunctionIdentifier(TpGenerate.NAME),
                new ExpressionInfo(TpGenerate.class.getName(), null, TpGenerate.NAME, USAGE, ""),
                builder));
        extensions.injectParser((session, parser) -> UnsupportedStatements.watch(parser));
        extensions.injectPlanNormalizationRule(ExtractCalls::new);
        extensions.injectOptimizerRule(session -> new PushDown());
        extensions.injectPreCBORule(session -> new ShareInference());
        extensions.injectPlannerStrategy(session -> new InferenceStrategy(checks, session));
        return BoxedUnit.UNIT;
    }
}
