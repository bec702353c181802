package dev.lockstep.spark.exec;

import dev.lockstep.spark.interop.Scala;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.util.TaskFailureListener;
import scala.Tuple2;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Before shuffle 1: puts a {@link Head} in front of each row and spreads the rows of a partition evenly over the chunks,
 * followed by the partition's census.
 *
 * <p>Which rows a chunk holds follows from the partition's rows alone, never from the order in which they happened to
 * arrive: a chunk that is computed again, after its executor was lost, must hold what it held before, or rows would be
 * missing that the other chunks do not have. Where order may change, rows are therefore dealt out in the order of their
 * hashes.
 *
 * @param columns types of the rows' columns
 * @param ordered whether a partition has the same order when it is computed again
 */
record ToChunks(List<DataType> columns, int chunks, boolean ordered)
        implements Scala.SerializableFunction2<
                Object,
                scala.collection.Iterator<InternalRow>,
                scala.collection.Iterator<Tuple2<Object, InternalRow>>> {

    @Override
    public scala.collection.Iterator<Tuple2<Object, InternalRow>> apply(
            Object partition, scala.collection.Iterator<InternalRow> input) {
        TaskFailureListener mark = (ended, failure) -> PermanentFailure.mark(failure);
        TaskContext.get().addTaskFailureListener(mark);
        Numbering numbered = new Numbering((Integer) partition, CollectionConverters.asJava(input), columns, ordered);
        Iterator<? extends InternalRow> dealt =
                ordered || chunks == 1 ? numbered : RecordSorter.sort(numbered, Head.with(columns), Head.HASH);
        return CollectionConverters.asScala(new Dealing((Integer) partition, numbered, dealt));
    }

    /** Deals records out in turn. */
    private final class Dealing implements Iterator<Tuple2<Object, InternalRow>> {
        private final int partition;
        private final Numbering numbered;
        private final Iterator<? extends InternalRow> records;
        private long dealt;
        private boolean closed;

        Dealing(int partition, Numbering numbered, Iterator<? extends InternalRow> records) {
            this.partition = partition;
            this.numbered = numbered;
            this.records = records;
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
                return new Tuple2<>(turn(dealt++), records.next());
            }
            closed = true;
            UnsafeRow census = numbered.census();
            return new Tuple2<>(turn(0), census);
        }

        /** Partitions begin at different chunks, lest all short ones fill the first. */
        private int turn(long number) {
            return (int) ((partition * 7919L + number) % chunks);
        }
    }
}
