package dev.lockstep.spark.exec;

import dev.lockstep.spark.interop.Scala;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.util.TaskFailureListener;
import scala.Tuple2;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Before shuffle 1: puts a {@link Head} in front of each row and spreads the rows of a partition evenly over the
 * chunks, followed by the partition's census.
 *
 * <p>The rows of a chunk are determined by the partition's rows alone, never by their arrival order: a chunk that is
 * recomputed after its executor was lost must hold the same rows as before, or rows would be missing. Where order may
 * change, rows are therefore distributed in the order of their hashes.
 *
 * <p>Where recomputed partitions have different rows, every chunk records the attempt of the input that it belongs to,
 * so that partitions of different attempts are not combined.
 *
 * @param columns types of the rows' columns
 * @param ordered whether a recomputed partition has the same order
 * @param changes whether a recomputed partition has different rows
 */
record ToChunks(List<DataType> columns, int chunks, boolean ordered, boolean changes)
        implements Scala.SerializableFunction2<
                Object,
                scala.collection.Iterator<InternalRow>,
                scala.collection.Iterator<Tuple2<Object, InternalRow>>> {

    @Override
    public scala.collection.Iterator<Tuple2<Object, InternalRow>> apply(
            Object partition, scala.collection.Iterator<InternalRow> input) {
        TaskFailureListener mark = (ended, failure) -> PermanentFailure.mark(failure);
        TaskContext context = TaskContext.get();
        context.addTaskFailureListener(mark);
        Numbering numbered = new Numbering((Integer) partition, CollectionConverters.asJava(input), columns, ordered);
        Iterator<? extends InternalRow> dealt =
                ordered || chunks == 1 ? numbered : RecordSorter.sort(numbered, Head.with(columns), Head.HASH);
        int first = (Integer) partition;
        return CollectionConverters.asScala(
                new NumberedRecords(numbered, dealt, number -> chunkOf(first, number), run(context), censuses()));
    }

    /** How many census records a partition has: one, or one in every chunk. */
    int censuses() {
        return changes ? chunks : 1;
    }

    private String run(TaskContext context) {
        return changes ? context.stageId() + "." + context.stageAttemptNumber() : null;
    }

    /** Round robin. Partitions begin at different chunks, so that short ones do not all fill the first. */
    private int chunkOf(int partition, long number) {
        return (int) ((partition * 7919L + number) % chunks);
    }
}
