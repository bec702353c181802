package dev.lockstep.spark.exec;

import java.util.Iterator;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.catalyst.expressions.XXH64;
import org.apache.spark.sql.types.DataType;

/**
 * Puts a {@link Head} in front of a partition's rows and computes their census. The record returned is reused.
 *
 * <p>A row's hash covers its content, and also its place where recomputation keeps the order of a partition.
 */
final class Numbering implements Iterator<UnsafeRow> {
    private final int partition;
    private final Iterator<InternalRow> rows;
    private final boolean ordered;
    private final ResultProjection content;
    private final ResultProjection record;
    private final InternalRow nothing = new GenericInternalRow(0);
    private final Head head = new Head();
    private final Census census = new Census();

    /**
     * @param columns types of the rows' columns
     * @param ordered whether the partition has the same order when it is computed again
     */
    Numbering(int partition, Iterator<InternalRow> rows, List<DataType> columns, boolean ordered) {
        this.partition = partition;
        this.rows = rows;
        this.ordered = ordered;
        this.content = ResultProjection.from(0, columns.toArray(DataType[]::new));
        this.record = ResultProjection.from(0, Head.with(columns));
    }

    @Override
    public boolean hasNext() {
        return rows.hasNext();
    }

    @Override
    public UnsafeRow next() {
        UnsafeRow row = content.join(rows.next(), nothing);
        long place = census.rows();
        long hash = XXH64.hashUnsafeBytes(
                row.getBaseObject(), row.getBaseOffset(), row.getSizeInBytes(), ordered ? place : -1);
        census.add(hash);
        return record.join(head.row(partition, place, hash), row);
    }

    /**
     * The record that closes the partition, once all rows are out.
     *
     * @param run attempt of the input; null where every attempt gives the same rows
     */
    UnsafeRow census(String run) {
        return record.join(
                head.census(partition, census, run), new GenericInternalRow(record.columns() - Head.COLUMNS));
    }
}
