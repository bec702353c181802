package dev.lockstep.spark.exec;

import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.shuffle.ShuffleHandle;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import scala.Product2;
import scala.jdk.javaapi.CollectionConverters;

/**
 * The records of several shuffles for one partition number, one shuffle after the other, each opened when the one
 * before is exhausted. The row is reused.
 */
final class ShuffledRecords implements Iterator<UnsafeRow> {
    private final Iterator<ShuffleHandle> handles;
    private final int number;
    private final TaskContext context;
    private Iterator<? extends Product2<Object, InternalRow>> records = Collections.emptyIterator();

    ShuffledRecords(List<ShuffleHandle> handles, int number, TaskContext context) {
        this.handles = handles.iterator();
        this.number = number;
        this.context = context;
    }

    @Override
    public boolean hasNext() {
        while (!records.hasNext() && handles.hasNext()) {
            records = open(handles.next());
        }
        return records.hasNext();
    }

    private Iterator<? extends Product2<Object, InternalRow>> open(ShuffleHandle handle) {
        var metrics = context.taskMetrics().createTempShuffleReadMetrics();
        scala.collection.Iterator<? extends Product2<Object, InternalRow>> pairs = SparkEnv.get()
                .shuffleManager()
                .<Object, InternalRow>getReader(handle, number, number + 1, context, metrics)
                .read();
        return CollectionConverters.asJava(pairs);
    }

    @Override
    public UnsafeRow next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        return (UnsafeRow) records.next()._2();
    }
}
