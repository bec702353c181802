package dev.lockstep.spark.exec;

import dev.lockstep.spark.interop.Scala;
import java.util.List;
import java.util.function.IntConsumer;
import org.apache.spark.Dependency;
import org.apache.spark.OneToOneDependency;
import org.apache.spark.Partition;
import org.apache.spark.TaskContext;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.catalyst.InternalRow;
import scala.collection.Iterator;
import scala.collection.immutable.Seq;
import scala.reflect.ClassTag;

/**
 * Applies a function to each partition, like {@code mapPartitionsWithIndex}, with a call on the driver before it runs.
 */
final class WatchedRows<T> extends RDD<T> {
    private static final long serialVersionUID = 1;
    private final Scala.SerializableFunction2<Object, Iterator<InternalRow>, Iterator<T>> function;
    private final transient IntConsumer asked;

    /** @param asked called with each partition that is about to be submitted, in ascending order, and now and then besides */
    WatchedRows(
            RDD<InternalRow> rows,
            Scala.SerializableFunction2<Object, Iterator<InternalRow>, Iterator<T>> function,
            ClassTag<T> tag,
            IntConsumer asked) {
        super(rows.sparkContext(), Scala.<Dependency<?>>seq(List.of(new OneToOneDependency<>(rows))), tag);
        this.function = function;
        this.asked = asked;
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
        asked.accept(split.index());
        return rows().preferredLocations(split);
    }

    @Override
    public Iterator<T> compute(Partition split, TaskContext context) {
        return function.apply(split.index(), rows().iterator(split, context));
    }
}
