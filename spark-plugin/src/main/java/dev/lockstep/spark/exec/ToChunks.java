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
 * Before shuffle 1: puts a {@link Head} in front of each row and spreads the rows of a partition evenly over the chunks,
 * followed by the partition's census.
 *
 * <p>Which rows a chunk holds follows from the partition's rows alone, never from the order in which they happened to
 * arrive: a chunk that is computed again, after its executor was lost, must hold what it held before, or rows would be
 * missing that the other chunks do not have. Where order may change, rows are therefore dealt out in the order of their
 * hashes.
 *
 * <p>Where partitions have other rows when they are computed again, every chunk is told which run of the input it is of, lest
 * partitions of several runs are taken for a whole.
 *
 * @param columns types of the rows' columns
 * @param ordered whether a partition has the same order when it is computed again
 * @param changes whether it has other rows then
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

    /** How many records say what a partition holds: one, or one in every chunk. */
    int censuses() {
        return changes ? chunks : 1;
    }

    private String run(TaskContext context) {
        return changes ? context.stageId() + "." + context.stageAttemptNumber() : null;
    }

    /** In turn. Partitions begin at different chunks, lest all short ones fill the first. */
    private int chunkOf(int partition, long number) {
        return (int) ((partition * 7919L + number) % chunks);
    }
}
