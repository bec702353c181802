package dev.lockstep.spark.exec;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.LongToIntFunction;
import org.apache.spark.sql.catalyst.InternalRow;
import scala.Tuple2;

/** What a task of a shuffle writes of a numbered partition: its records, each with where it goes, and its census last. */
final class NumberedRecords implements Iterator<Tuple2<Object, InternalRow>> {
    private final Numbering numbering;
    private final Iterator<? extends InternalRow> records;
    private final LongToIntFunction target;
    private long written;
    private boolean closed;

    /**
     * @param records those of the numbering, in any order
     * @param target of the n-th record; the census goes where the first does
     */
    NumberedRecords(Numbering numbering, Iterator<? extends InternalRow> records, LongToIntFunction target) {
        this.numbering = numbering;
        this.records = records;
        this.target = target;
    }

    @Override
    public boolean hasNext() {
        return !closed;
    }

    @Override
    public Tuple2<Object, InternalRow> next() {
        if (closed) {
            throw new NoSuchElementException();
        }
        if (records.hasNext()) {
            return new Tuple2<>(target.applyAsInt(written++), records.next());
        }
        closed = true;
        return new Tuple2<>(target.applyAsInt(0), numbering.census());
    }
}
