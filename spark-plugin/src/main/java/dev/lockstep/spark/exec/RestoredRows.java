package dev.lockstep.spark.exec;

import dev.lockstep.spark.interop.Scala;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.Dependency;
import org.apache.spark.Partition;
import org.apache.spark.ShuffleDependency;
import org.apache.spark.TaskContext;
import org.apache.spark.rdd.RDD;
import org.apache.spark.shuffle.ShuffleHandle;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.DataType;
import scala.collection.Iterator;
import scala.jdk.javaapi.CollectionConverters;

/**
 * The rows of the original partitions, each assembled from one or more shuffles. A partition does not depend on which
 * attempt inferred its rows, so after a loss only the missing output is computed again.
 */
final class RestoredRows extends RDD<InternalRow> {
    private static final long serialVersionUID = 1;
    private final List<ShuffleHandle> handles = new ArrayList<>();
    private final int partitions;
    private final Restore restore;

    /**
     * @param shuffles of as many partitions each as the result has
     * @param censuses as in {@link Restore}
     */
    RestoredRows(
            RDD<InternalRow> original,
            List<ShuffleDependency<Object, InternalRow, InternalRow>> shuffles,
            List<DataType> columns,
            int censuses) {
        super(original.sparkContext(), Scala.<Dependency<?>>seq(shuffles), Scala.tag(InternalRow.class));
        shuffles.forEach(each -> handles.add(each.shuffleHandle()));
        this.partitions = original.getNumPartitions();
        this.restore = new Restore(columns, censuses);
    }

    @Override
    public Partition[] getPartitions() {
        return NumberedPartition.upTo(partitions);
    }

    @Override
    public Iterator<InternalRow> compute(Partition split, TaskContext context) {
        return CollectionConverters.asScala(
                restore.partition(split.index(), new ShuffledRecords(handles, split.index(), context)));
    }
}
