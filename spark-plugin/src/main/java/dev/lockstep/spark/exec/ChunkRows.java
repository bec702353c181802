package dev.lockstep.spark.exec;

import java.util.Collections;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.apache.spark.TaskContext;
import org.apache.spark.shuffle.ShuffleHandle;
import org.apache.spark.sql.catalyst.InternalRow;

/** The rows of one group's chunks, each chunk opened when the one before is used up. The row object is reused. */
final class ChunkRows implements Iterator<InternalRow> {
    private final ShuffleHandle handle;
    private final int step;
    private final int chunks;
    private final TaskContext context;
    private int chunk;
    private Iterator<InternalRow> rows = Collections.emptyIterator();

    /** Every {@code groups}th chunk from number {@code group} on. */
    ChunkRows(ShuffleHandle handle, int group, int groups, int chunks, TaskContext context) {
        this.handle = handle;
        this.chunk = group;
        this.step = groups;
        this.chunks = chunks;
        this.context = context;
    }

    @Override
    public boolean hasNext() {
        while (!rows.hasNext() && chunk < chunks) {
            rows = ChunkSource.read(handle, chunk, context);
            chunk += step;
        }
        return rows.hasNext();
    }

    @Override
    public InternalRow next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        return rows.next();
    }
}
