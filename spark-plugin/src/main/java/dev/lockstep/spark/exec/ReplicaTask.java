package dev.lockstep.spark.exec;

import dev.lockstep.spark.interop.Scala;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.util.TaskCompletionListener;
import org.apache.spark.util.TaskFailureListener;
import scala.jdk.javaapi.CollectionConverters;

/**
 * The task of a model that is not split. It feeds its partition to the engine that all tasks of the executor share, and
 * appends the results, in order. It is an ordinary task, which Spark retries as usual.
 *
 * @param types of the input's columns, then of the results
 */
record ReplicaTask(List<CallSpec> calls, DataType[] types, InferenceMetrics metrics)
        implements Scala.SerializableFunction2<
                Object, scala.collection.Iterator<InternalRow>, scala.collection.Iterator<InternalRow>> {

    @Override
    public scala.collection.Iterator<InternalRow> apply(
            Object partition, scala.collection.Iterator<InternalRow> input) {
        TaskContext context = TaskContext.get();
        TaskFailureListener mark = (ended, failure) -> PermanentFailure.mark(failure);
        context.addTaskFailureListener(mark);
        CountedRows rows = new CountedRows((Integer) partition, CollectionConverters.asJava(input));
        SharedHold hold = new SharedHold(calls.get(0).settings(), metrics);
        RowPump pump = new RowPump(rows, calls, hold, true, context, metrics);
        TaskCompletionListener letGo = ended -> {
            pump.withdraw();
            hold.close();
        };
        context.addTaskCompletionListener(letGo);
        ResultProjection projection = ResultProjection.from(0, types);
        return CollectionConverters.asScala(new Iterator<InternalRow>() {
            private long out;

            @Override
            public boolean hasNext() {
                boolean more = pump.hasNext();
                if (!more) {
                    rows.check(out);
                }
                return more;
            }

            @Override
            public InternalRow next() {
                PumpedRow row = pump.next();
                out++;
                return projection.join(row.input(), row.results(calls));
            }
        });
    }
}
