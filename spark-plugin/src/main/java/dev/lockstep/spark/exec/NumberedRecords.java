package dev.lockstep.spark.exec;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.LongToIntFunction;
import org.apache.spark.sql.catalyst.InternalRow;
import scala.Tuple2;

/** The records that a shuffle task writes for a numbered partition, each with its target, and finally the census. */
final class NumberedRecords implements Iterator<Tuple2<Object, InternalRow>> {
    private final Numbering numbering;
    private final Iterator<? extends InternalRow> records;
    private final LongToIntFunction target;
    private final String run;
    private final int censuses;
    private long written;
    private int closed;

    /**
     * @param records those of the numbering, in any order
     * @param target of the n-th record
     * @param run as in {@link Numbering#census}
     * @param censuses how many there shall be; they go where the first records do
     */
    NumberedRecords(
            Numbering numbering,
            Iterator<? extends InternalRow> records,
            LongToIntFunction target,
            String run,
            int censuses) {
        this.numbering = numbering;
        this.records = records;
        this.target = target;
        this.run = run;
        this.censuses = censuses;
    }

    @Override
    public boolean hasNext() {
        return closed < censuses;
    }

    @Override
    public Tuple2<Object, InternalRow> next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        if (records.hasNext()) {
            return new Tuple2<>(target.applyAsInt(written++), records.next());
        }
        return new Tuple2<>(target.applyAsInt(closed++), numbering.census(run));
    }
}
