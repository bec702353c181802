package dev.lockstep.spark.plan;

import dev.lockstep.spark.Settings;
import dev.lockstep.spark.exec.SharedRows;
import dev.lockstep.spark.interop.Scala;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.AttributeSet;
import org.apache.spark.sql.catalyst.expressions.AttributeSet$;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.SortOrder;
import org.apache.spark.sql.catalyst.expressions.SubqueryExpression;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import scala.collection.immutable.IndexedSeq;
import scala.collection.immutable.Seq;

/**
 * Runs the calls of one engine over the child's rows: one row out for each row in, in the same order, the child's
 * columns followed by one per call. Every call's prompt is a column of the child.
 *
 * <p>Calls and their attributes are kept apart, because {@code CleanupAliases} strips aliases in nodes it does not know.
 * It extends {@code LogicalPlan} and not the trait UnaryNode, whose final lazy values Java cannot implement.
 */
public final class TpInference extends LogicalPlan {
    private static final long serialVersionUID = 1;

    private final Seq<Expression> calls;
    private final Seq<Attribute> outputs;
    private final boolean materialized;
    private final transient SharedRows sharing;
    private final LogicalPlan child;

    /**
     * @param calls {@link TpGenerate} with resolved settings whose {@link Settings#shared() shared} part is equal
     * @param outputs the attribute of each call's result
     * @param materialized whether results are kept on disk, because the operator above reads them twice
     * @param sharing through which equal inferences of the query share rows; null when there are none
     */
    public TpInference(
            Seq<Expression> calls,
            Seq<Attribute> outputs,
            boolean materialized,
            LogicalPlan child,
            SharedRows sharing) {
        this.calls = calls;
        this.outputs = outputs;
        this.materialized = materialized;
        this.child = child;
        this.sharing = sharing;
    }

    TpInference(Seq<Expression> calls, Seq<Attribute> outputs, boolean materialized, LogicalPlan child) {
        this(calls, outputs, materialized, child, null);
    }

    public Seq<Expression> calls() {
        return calls;
    }

    public Seq<Attribute> outputs() {
        return outputs;
    }

    public LogicalPlan child() {
        return child;
    }

    /** The settings of the engine and the job, the same for all calls. */
    public Settings shared() {
        return ((TpGenerate) calls.head()).settings().shared();
    }

    TpInference over(LogicalPlan other) {
        return new TpInference(calls, outputs, materialized, other, sharing);
    }

    public boolean materialized() {
        return materialized;
    }

    TpInference materialize() {
        return new TpInference(calls, outputs, true, child, sharing);
    }

    public SharedRows sharing() {
        return sharing;
    }

    /** The attributes of the results. */
    AttributeSet generated() {
        return AttributeSet$.MODULE$.apply(Scala.<Expression>seq(Scala.list(outputs)));
    }

    /** Whether the expression reads no result, so that it can be computed over the child's rows. */
    boolean computesBelow(Expression expression) {
        return expression.references().intersect(generated()).isEmpty()
                && !SubqueryExpression.hasCorrelatedSubquery(expression);
    }

    /** The columns that the prompts are. */
    AttributeSet prompts() {
        return AttributeSet$.MODULE$.fromAttributeSets(
                Scala.seq(Scala.list(calls).stream().map(Expression::references).toList()));
    }

    /** False although each call is deterministic: a common table expression used twice must not be computed twice. */
    @Override
    public boolean deterministic() {
        return false;
    }

    /** All columns where it is shared: pruned for each of its places, the nodes would no longer be equal. */
    @Override
    public AttributeSet references() {
        return sharing == null ? super.references() : child.outputSet();
    }

    @Override
    public AttributeSet producedAttributes() {
        return generated();
    }

    @Override
    public Seq<Attribute> output() {
        List<Attribute> all = new ArrayList<>(Scala.list(child.output()));
        all.addAll(Scala.list(outputs));
        return Scala.seq(all);
    }

    @Override
    public scala.Option<Object> maxRows() {
        return child.maxRows();
    }

    @Override
    public scala.Option<Object> maxRowsPerPartition() {
        return child.maxRowsPerPartition();
    }

    @Override
    public Seq<SortOrder> outputOrdering() {
        return child.outputOrdering();
    }

    @Override
    public Seq<LogicalPlan> children() {
        return Scala.seqOf(child);
    }

    @Override
    public LogicalPlan withNewChildrenInternal(IndexedSeq<LogicalPlan> children) {
        return over(children.head());
    }

    @Override
    public int productArity() {
        return 4;
    }

    @Override
    public Object productElement(int index) {
        return switch (index) {
            case 0 -> calls;
            case 1 -> outputs;
            case 2 -> materialized;
            default -> child;
        };
    }

    @Override
    public Seq<Object> otherCopyArgs() {
        return Scala.seq(Collections.singletonList(sharing));
    }

    @Override
    public boolean canEqual(Object other) {
        return other instanceof TpInference;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TpInference node
                && calls.equals(node.calls)
                && outputs.equals(node.outputs)
                && materialized == node.materialized
                && child.equals(node.child);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * calls.hashCode() + outputs.hashCode()) + child.hashCode();
    }
}
