package dev.lockstep.spark.exec;

import java.util.Iterator;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.types.DataType;
import scala.Tuple2;

/** One record of a failure for every original partition, whichever of them a query may read. */
final class FailureRecords implements Iterator<Tuple2<Object, InternalRow>> {
    private final String message;
    private final int partitions;
    private final InternalRow noColumns;
    private final ResultProjection projection;
    private final Head head = new Head();
    private int next;

    /** @param types of a record */
    FailureRecords(String message, int partitions, DataType[] types) {
        this.message = message;
        this.partitions = partitions;
        this.projection = ResultProjection.from(0, types);
        this.noColumns = new GenericInternalRow(types.length - Head.COLUMNS);
    }

    @Override
    public boolean hasNext() {
        return next < partitions;
    }

    @Override
    public Tuple2<Object, InternalRow> next() {
        int partition = next++;
        return new Tuple2<>(partition, projection.join(head.failure(partition, message), noColumns));
    }
}
