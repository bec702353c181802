package dev.lockstep.spark.exec;

import java.util.Iterator;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.unsafe.types.UTF8String;
import scala.Tuple2;

/** One record of a failure for every original partition, whichever of them a query may read. */
final class FailureRecords implements Iterator<Tuple2<Object, InternalRow>> {
    private final int partitions;
    private final InternalRow failure;
    private final ResultProjection projection;
    private int next;

    /** @param types of a record of shuffle 2 */
    FailureRecords(String message, int partitions, DataType[] types) {
        this.partitions = partitions;
        this.projection = ResultProjection.from(0, types);
        GenericInternalRow row = new GenericInternalRow(types.length);
        row.setLong(0, Restore.FAILURE_PLACE);
        row.update(Restore.FAILURE_COLUMN, UTF8String.fromString(message));
        this.failure = row;
    }

    @Override
    public boolean hasNext() {
        return next < partitions;
    }

    @Override
    public Tuple2<Object, InternalRow> next() {
        return new Tuple2<>(next++, projection.join(failure, new GenericInternalRow(0)));
    }
}
