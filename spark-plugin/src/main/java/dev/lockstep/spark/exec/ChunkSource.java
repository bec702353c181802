package dev.lockstep.spark.exec;

import dev.lockstep.spark.interop.Scala;
import java.util.List;
import org.apache.spark.Dependency;
import org.apache.spark.Partition;
import org.apache.spark.ShuffleDependency;
import org.apache.spark.SparkContext;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.rdd.RDD;
import org.apache.spark.shuffle.ShuffleHandle;
import org.apache.spark.sql.catalyst.InternalRow;
import scala.Product2;
import scala.collection.Iterator;
import scala.jdk.javaapi.CollectionConverters;

/**
 * One partition per rank, none bound to rows: which chunks a rank reads is known only when the ranks know their groups.
 * It hangs on shuffle 1, so that Spark runs that first.
 */
final class ChunkSource extends RDD<Object> {
    private static final long serialVersionUID = 1;
    private final int ranks;
    private final ShuffleHandle handle;

    ChunkSource(SparkContext context, ShuffleDependency<Object, InternalRow, InternalRow> chunks, int ranks) {
        super(context, Scala.<Dependency<?>>seq(List.of(chunks)), Scala.tag(Object.class));
        this.ranks = ranks;
        this.handle = chunks.shuffleHandle();
    }

    ShuffleHandle handle() {
        return handle;
    }

    @Override
    public Partition[] getPartitions() {
        Partition[] partitions = new Partition[ranks];
        for (int i = 0; i < ranks; i++) {
            partitions[i] = new RankPartition(i);
        }
        return partitions;
    }

    @Override
    public Iterator<Object> compute(Partition split, TaskContext context) {
        return scala.collection.Iterator$.MODULE$.empty();
    }

    /** The rows of one chunk, read as they are asked for; the row object is reused. */
    static java.util.Iterator<InternalRow> read(ShuffleHandle handle, int chunk, TaskContext context) {
        var metrics = context.taskMetrics().createTempShuffleReadMetrics();
        Iterator<? extends Product2<Object, InternalRow>> pairs = SparkEnv.get()
                .shuffleManager()
                .<Object, InternalRow>getReader(handle, chunk, chunk + 1, context, metrics)
                .read();
        java.util.Iterator<? extends Product2<Object, InternalRow>> rows = CollectionConverters.asJava(pairs);
        return new java.util.Iterator<>() {
            @Override
            public boolean hasNext() {
                return rows.hasNext();
            }

            @Override
            public InternalRow next() {
                return rows.next()._2();
            }
        };
    }

    private record RankPartition(int index) implements Partition {
        @Override
        public int hashCode() {
            return index;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof RankPartition partition && partition.index == index;
        }
    }
}
