package dev.lockstep.spark.exec;

import dev.lockstep.spark.interop.Scala;
import java.util.List;
import org.apache.spark.Dependency;
import org.apache.spark.OneToOneDependency;
import org.apache.spark.Partition;
import org.apache.spark.TaskContext;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.catalyst.InternalRow;
import scala.collection.Iterator;
import scala.collection.immutable.Seq;

/** The rows of a model that is not split, with their results: partition by partition, in ordinary tasks. */
final class ReplicaRows extends RDD<InternalRow> {
    private static final long serialVersionUID = 1;
    private final ReplicaTask task;
    private final transient StageWatch watch;

    ReplicaRows(RDD<InternalRow> rows, ReplicaTask task) {
        super(
                rows.sparkContext(),
                Scala.<Dependency<?>>seq(List.of(new OneToOneDependency<>(rows))),
                Scala.tag(InternalRow.class));
        this.task = task;
        this.watch = new StageWatch(rows.sparkContext(), null, task.metrics(), null);
        watch.over(id());
    }

    private RDD<InternalRow> rows() {
        return firstParent(Scala.tag(InternalRow.class));
    }

    @Override
    public Partition[] getPartitions() {
        return rows().partitions();
    }

    @Override
    public Seq<String> getPreferredLocations(Partition split) {
        watch.begin();
        return rows().preferredLocations(split);
    }

    @Override
    public Iterator<InternalRow> compute(Partition split, TaskContext context) {
        return task.apply(split.index(), rows().iterator(split, context));
    }
}
