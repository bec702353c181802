package dev.lockstep.spark.exec;

import dev.lockstep.spark.interop.Scala;
import java.io.Serializable;
import java.util.function.Supplier;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.execution.SparkPlan;
import org.apache.spark.sql.execution.adaptive.TableCacheQueryStageExec;

/**
 * Lets equal nodes of one query share their rows: the first that is executed computes them, the others read them. It
 * belongs to the query's plan and lives as long as the plan, like the rows of every physical node.
 *
 * <p>Nodes that are equal in the optimized plan may have been planned differently, and adaptive execution may have cut
 * their inputs into other partitions; so a node takes only what a node with the same physical plan below it has made.
 */
public final class SharedRows implements Serializable {
    private static final long serialVersionUID = 1;

    private transient SparkPlan made;
    private transient RDD<InternalRow> rows;

    /** The rows that an equal node has made, else those of {@code make}. */
    synchronized RDD<InternalRow> of(TpInferenceExec node, Supplier<RDD<InternalRow>> make) {
        SparkPlan wanted = comparable(node);
        if (rows == null || !wanted.equals(made)) {
            rows = make.get();
            made = wanted;
        }
        return rows;
    }

    /** Without the numbers that adaptive execution gives to reads of cached frames. */
    private static SparkPlan comparable(TpInferenceExec node) {
        SparkPlan plain = (SparkPlan) node.transformUp(Scala.<SparkPlan, SparkPlan>where(
                each -> each instanceof TableCacheQueryStageExec stage ? stage.plan() : null));
        return (SparkPlan) plain.canonicalized();
    }
}
