package dev.lockstep.spark.exec;

import dev.lockstep.spark.interop.Scala;
import java.util.Arrays;
import org.apache.spark.SparkContext;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.SortOrder;
import org.apache.spark.sql.execution.SparkPlan;
import scala.collection.immutable.IndexedSeq;
import scala.collection.immutable.Seq;

/**
 * The child's last rows in their order. They are collected to the driver, as {@code tail} does with its result anyway,
 * from as few of the last partitions as hold them. Spark's own plan works only at a query's root: executed elsewhere it
 * takes the last rows in the order in which partitions arrive.
 */
public final class TailExec extends SparkPlan {
    private static final long serialVersionUID = 1;

    private final int limit;
    private final SparkPlan child;

    /** @param limit rows at most, 0 or more */
    public TailExec(int limit, SparkPlan child) {
        this.limit = limit;
        this.child = child;
    }

    @Override
    public RDD<InternalRow> doExecute() {
        InternalRow[] rows = child.executeTail(limit);
        SparkContext context = session().sparkContext();
        int partitions = Math.max(1, Math.min(rows.length, context.defaultParallelism()));
        return context.parallelize(Scala.seq(Arrays.asList(rows)), partitions, Scala.tag(InternalRow.class));
    }

    @Override
    public Seq<Attribute> output() {
        return child.output();
    }

    @Override
    public Seq<SortOrder> outputOrdering() {
        return child.outputOrdering();
    }

    @Override
    public Seq<SparkPlan> children() {
        return Scala.seqOf(child);
    }

    @Override
    public SparkPlan withNewChildrenInternal(IndexedSeq<SparkPlan> children) {
        return new TailExec(limit, children.head());
    }

    @Override
    public int productArity() {
        return 2;
    }

    @Override
    public Object productElement(int index) {
        return index == 0 ? limit : child;
    }

    @Override
    public boolean canEqual(Object other) {
        return other instanceof TailExec;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TailExec node && limit == node.limit && child.equals(node.child);
    }

    @Override
    public int hashCode() {
        return 31 * child.hashCode() + limit;
    }
}
