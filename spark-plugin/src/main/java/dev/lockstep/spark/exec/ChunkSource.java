package dev.lockstep.spark.exec;

import dev.lockstep.spark.interop.Scala;
import java.util.List;
import org.apache.spark.Dependency;
import org.apache.spark.Partition;
import org.apache.spark.ShuffleDependency;
import org.apache.spark.SparkContext;
import org.apache.spark.TaskContext;
import org.apache.spark.rdd.DeterministicLevel;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.catalyst.InternalRow;
import scala.Enumeration;
import scala.collection.Iterator;
import scala.collection.immutable.Seq;

/**
 * The ranks of one group: a partition each, without rows, because the leader alone reads the group's chunk. It depends
 * on shuffle 1, so that Spark runs that first, until the group's results are kept.
 */
final class ChunkSource extends RDD<Object> {
    private static final long serialVersionUID = 1;
    private final int ranks;
    private final transient GroupHome home;
    private final int chunk;
    private final transient FinishedChunks finished;

    /**
     * @param home where the group should run, asked anew for every attempt at its stage
     * @param finished where results are kept beyond executors; null for nowhere
     */
    ChunkSource(
            ShuffleDependency<Object, InternalRow, InternalRow> chunks,
            int chunk,
            int ranks,
            GroupHome home,
            FinishedChunks finished,
            SparkContext context) {
        super(context, Scala.<Dependency<?>>seq(List.of(chunks)), Scala.tag(Object.class));
        this.chunk = chunk;
        this.ranks = ranks;
        this.home = home;
        this.finished = finished;
    }

    /** The group's stage has ended well. If its results are kept, it copies them from now on and needs no input. */
    void done() {
        if (finished != null && finished.rely(chunk)) {
            clearDependencies();
        }
    }

    /**
     * A task of the group's stage has failed, perhaps because the kept results are missing or damaged. They are not
     * used any more.
     *
     * @return whether the stage was submitted without its input
     */
    boolean failed() {
        boolean relied = finished != null && finished.forget(chunk);
        if (relied) {
            clearDependencies();
        }
        return relied;
    }

    /** Chunks hold other rows from now on. */
    void changed() {
        clearDependencies();
    }

    @Override
    public Seq<Dependency<?>> getDependencies() {
        return finished != null && finished.reliesOn(chunk) ? Scala.seqOf() : super.getDependencies();
    }

    /** Kept results are the same whenever they are copied, even if the input would differ when recomputed. */
    @Override
    public Enumeration.Value getOutputDeterministicLevel() {
        return finished != null ? DeterministicLevel.UNORDERED() : super.getOutputDeterministicLevel();
    }

    @Override
    public Partition[] getPartitions() {
        return NumberedPartition.upTo(ranks);
    }

    @Override
    public Seq<String> getPreferredLocations(Partition rank) {
        return Scala.seq(home.of(rank.index()));
    }

    @Override
    public Iterator<Object> compute(Partition rank, TaskContext context) {
        return scala.collection.Iterator$.MODULE$.empty();
    }
}
