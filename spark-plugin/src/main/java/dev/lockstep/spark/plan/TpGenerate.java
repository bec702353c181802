package dev.lockstep.spark.plan;

import dev.lockstep.spark.Settings;
import dev.lockstep.spark.exec.PromptType;
import dev.lockstep.spark.exec.ResultType;
import dev.lockstep.spark.interop.Scala;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.analysis.TypeCheckResult;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.Unevaluable;
import org.apache.spark.sql.catalyst.expressions.codegen.CodegenContext;
import org.apache.spark.sql.catalyst.expressions.codegen.ExprCode;
import org.apache.spark.sql.types.DataType;
import scala.collection.immutable.IndexedSeq;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * {@code tp_generate(prompt, ...)}: the continuation of a text, of token ids or of a chat. Never evaluated: {@link
 * ExtractCalls} moves it into a plan node. Deterministic, because the row seed is derived from the seed and the prompt.
 */
public final class TpGenerate extends Expression implements Unevaluable, Serializable {
    private static final long serialVersionUID = 1;
    public static final String NAME = "tp_generate";

    private final Expression prompt;
    private final Settings settings;

    /** @param settings of the call, {@link ResultType#SETTINGS} included because the type depends on them */
    public TpGenerate(Expression prompt, Settings settings) {
        this.prompt = prompt;
        this.settings = settings;
    }

    public Expression prompt() {
        return prompt;
    }

    public Settings settings() {
        return settings;
    }

    TpGenerate withPrompt(Expression other) {
        return new TpGenerate(other, settings);
    }

    TpGenerate withSettings(Settings other) {
        return new TpGenerate(prompt, other);
    }

    @Override
    public Seq<Expression> children() {
        return Scala.seqOf(prompt);
    }

    @Override
    public Expression withNewChildrenInternal(IndexedSeq<Expression> children) {
        return withPrompt(children.head());
    }

    @Override
    public boolean nullable() {
        return true;
    }

    @Override
    public DataType dataType() {
        return ResultType.of(settings);
    }

    @Override
    public TypeCheckResult checkInputDataTypes() {
        DataType type = prompt.dataType();
        return PromptType.of(type) != null
                ? TypeCheckResult.TypeCheckSuccess$.MODULE$
                : new TypeCheckResult.TypeCheckFailure("tp_generate: the prompt is " + type.sql() + ", expected "
                        + PromptType.EXPECTED + ": write cast(" + prompt.sql() + " as string) or cast(" + prompt.sql()
                        + " as array<int>)");
    }

    // Unevaluable's defaults are hidden by Expression's own declarations: a class wins over an interface in Java.

    @Override
    public boolean foldable() {
        return false;
    }

    @Override
    public Object eval(InternalRow row) {
        throw misplaced();
    }

    @Override
    public ExprCode doGenCode(CodegenContext context, ExprCode code) {
        throw misplaced();
    }

    private UnsupportedOperationException misplaced() {
        return new UnsupportedOperationException(sql() + " cannot be evaluated here: compute it as a column first,"
                + " df.withColumn(\"out\", tpGenerate(...)), and use that column");
    }

    @Override
    public String prettyName() {
        return NAME;
    }

    /** What a plan's text shows of it. */
    @Override
    public scala.collection.Iterator<Object> flatArguments() {
        List<Object> shown = new ArrayList<>(List.of(prompt));
        if (!settings.toString().isEmpty()) {
            shown.add(settings);
        }
        return CollectionConverters.asScala(shown.iterator());
    }

    @Override
    public int productArity() {
        return 2;
    }

    @Override
    public Object productElement(int index) {
        return index == 0 ? prompt : settings;
    }

    @Override
    public boolean canEqual(Object other) {
        return other instanceof TpGenerate;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TpGenerate call && prompt.equals(call.prompt) && settings.equals(call.settings);
    }

    @Override
    public int hashCode() {
        return 31 * prompt.hashCode() + settings.hashCode();
    }
}
