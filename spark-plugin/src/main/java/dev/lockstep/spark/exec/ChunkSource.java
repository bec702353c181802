package dev.lockstep.spark.exec;

import dev.lockstep.spark.interop.Scala;
import java.util.List;
import org.apache.spark.Dependency;
import org.apache.spark.Partition;
import org.apache.spark.ShuffleDependency;
import org.apache.spark.TaskContext;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.catalyst.InternalRow;
import scala.collection.Iterator;
import scala.collection.immutable.Seq;

/**
 * The ranks of one group: a partition each, without rows, because the leader alone reads the group's chunk. It hangs on
 * shuffle 1, so that Spark runs that first.
 */
final class ChunkSource extends RDD<Object> {
    private static final long serialVersionUID = 1;
    private final int ranks;
    private final transient GroupHome home;

    /** @param home where the group should run, asked anew for every attempt at its stage */
    ChunkSource(
            ShuffleDependency<Object, InternalRow, InternalRow> chunks,
            int ranks,
            GroupHome home,
            org.apache.spark.SparkContext context) {
        super(context, Scala.<Dependency<?>>seq(List.of(chunks)), Scala.tag(Object.class));
        this.ranks = ranks;
        this.home = home;
    }

    @Override
    public Partition[] getPartitions() {
        return NumberedPartition.upTo(ranks);
    }

    @Override
    public Seq<String> getPreferredLocations(Partition rank) {
        return Scala.seq(home.ofAttempt(rank.index()));
    }

    @Override
    public Iterator<Object> compute(Partition rank, TaskContext context) {
        return scala.collection.Iterator$.MODULE$.empty();
    }
}
