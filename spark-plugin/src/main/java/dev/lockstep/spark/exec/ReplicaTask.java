package dev.lockstep.spark.exec;

import dev.lockstep.spark.interop.Scala;
import java.util.List;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.util.TaskCompletionListener;
import scala.collection.Iterator;
import scala.jdk.javaapi.CollectionConverters;

/**
 * The task of a model that is not split: feeds its partition to the engine that all tasks of the executor share, and
 * appends the results, in order. An ordinary task with Spark's ordinary retries.
 *
 * @param types of the input's columns, then of the results
 */
record ReplicaTask(List<CallSpec> calls, DataType[] types, InferenceMetrics metrics)
        implements Scala.SerializableFunction2<Object, Iterator<InternalRow>, Iterator<InternalRow>> {

    @Override
    public Iterator<InternalRow> apply(Object partition, Iterator<InternalRow> input) {
        TaskContext context = TaskContext.get();
        SharedHold hold = new SharedHold(calls.get(0).settings(), metrics);
        RowPump pump = new RowPump(CollectionConverters.asJava(input), calls, hold, true, context, metrics);
        TaskCompletionListener letGo = ended -> {
            pump.withdraw();
            hold.close();
        };
        context.addTaskCompletionListener(letGo);
        ResultProjection projection = ResultProjection.from(0, types);
        return CollectionConverters.asScala(new java.util.Iterator<InternalRow>() {
            @Override
            public boolean hasNext() {
                return pump.hasNext();
            }

            @Override
            public InternalRow next() {
                PumpedRow row = pump.next();
                return projection.join(row.input(), row.results(calls));
            }
        });
    }
}
