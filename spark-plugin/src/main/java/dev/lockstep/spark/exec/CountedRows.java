package dev.lockstep.spark.exec;

import java.util.Iterator;
import org.apache.spark.sql.catalyst.InternalRow;

/** A partition's rows, counted as they are taken. */
final class CountedRows implements Iterator<InternalRow> {
    private final int partition;
    private final Iterator<InternalRow> rows;
    private long taken;

    CountedRows(int partition, Iterator<InternalRow> rows) {
        this.partition = partition;
        this.rows = rows;
    }

    @Override
    public boolean hasNext() {
        return rows.hasNext();
    }

    @Override
    public InternalRow next() {
        InternalRow row = rows.next();
        taken++;
        return row;
    }

    /** @throws InferenceException when not as many rows came out as went in */
    void check(long out) {
        if (out != taken || rows.hasNext()) {
            throw new InferenceException("tp_generate failed: partition " + partition + " holds " + out + " of its "
                    + taken + (rows.hasNext() ? " rows and more" : " rows")
                    + ". No row is passed on: run the query again");
        }
    }
}
