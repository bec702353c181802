package dev.lockstep.spark.plan;

import dev.lockstep.spark.Settings;
import dev.lockstep.spark.exec.DriverChecks;
import dev.lockstep.spark.exec.PromptType;
import dev.lockstep.spark.exec.TailExec;
import dev.lockstep.spark.exec.TpInferenceExec;
import dev.lockstep.spark.interop.Scala;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Tail;
import org.apache.spark.sql.execution.SparkPlan;
import org.apache.spark.sql.execution.SparkStrategy;
import scala.collection.immutable.Seq;

/**
 * Plans {@link TpInference}. Checks the model and the cluster first: with adaptive execution, the child may run a job
 * before the node's own {@code doExecute} is called, and a mistyped setting must not cost that job. Plans {@code tail}
 * too where {@link PushDown} has moved it below inference: Spark does so only at a query's root.
 */
public final class InferenceStrategy extends SparkStrategy {
    private static final long serialVersionUID = 1;
    private final transient DriverChecks checks;
    private final transient SparkSession session;

    public InferenceStrategy(DriverChecks checks, SparkSession session) {
        this.checks = checks;
        this.session = session;
    }

    @Override
    public Seq<SparkPlan> apply(LogicalPlan plan) {
        if (plan instanceof Tail tail) {
            int rows = (Integer) tail.limitExpr().eval(null);
            return Scala.seqOf(new TailExec(rows, planLater(tail.child())));
        }
        return plan instanceof TpInference inference ? Scala.seqOf(plan(inference)) : Scala.seqOf();
    }

    private SparkPlan plan(TpInference inference) {
        List<Attribute> prompts = new ArrayList<>();
        List<Settings> settings = new ArrayList<>();
        for (Expression call : Scala.list(inference.calls())) {
            prompts.add((Attribute) ((TpGenerate) call).prompt());
            settings.add(((TpGenerate) call).settings());
        }
        boolean chat = prompts.stream().anyMatch(prompt -> PromptType.of(prompt.dataType()) == PromptType.CHAT);
        checks.check(inference.shared(), chat, session);
        SparkPlan child = planLater(inference.child());
        return new TpInferenceExec(
                Scala.seq(prompts),
                inference.outputs(),
                Scala.seq(settings),
                inference.materialized(),
                child,
                inference.sharing());
    }
}
