package dev.lockstep.spark.exec;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;

/**
 * The rows of a chunk. The censuses among them are kept separately; all must be of one attempt of the input. The row
 * object is reused.
 */
final class ChunkRecords implements Iterator<InternalRow> {
    private final Iterator<UnsafeRow> records;
    private final List<UnsafeRow> censuses = new ArrayList<>();
    private UnsafeRow next;

    ChunkRecords(Iterator<UnsafeRow> records) {
        this.records = records;
    }

    @Override
    public boolean hasNext() {
        while (next == null && records.hasNext()) {
            UnsafeRow record = records.next();
            if (Head.kind(record) == Head.CENSUS) {
                add(record.copy());
            } else {
                next = record;
            }
        }
        return next != null;
    }

    private void add(UnsafeRow census) {
        String run = Head.text(census);
        if (!censuses.isEmpty() && !Objects.equals(run, Head.text(censuses.get(0)))) {
            throw new ChangedInputException(Head.partition(census), run, Head.text(censuses.get(0)));
        }
        censuses.add(census);
    }

    /** @throws ChangedInputException from here or {@link #hasNext} */
    @Override
    public InternalRow next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        UnsafeRow row = next;
        next = null;
        return row;
    }

    /** Those met so far. */
    List<UnsafeRow> censuses() {
        return censuses;
    }
}
