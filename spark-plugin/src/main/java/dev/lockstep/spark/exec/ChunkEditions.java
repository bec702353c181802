package dev.lockstep.spark.exec;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.ExceptionFailure;
import org.apache.spark.MapOutputTrackerMaster;
import org.apache.spark.SparkEnv;
import org.apache.spark.rdd.RDD;

/**
 * Keeps groups and chunks consistent where Spark knows that the input is indeterminate: when chunks are distributed
 * again, the results that groups have written for the old chunks are invalid. Spark handles the stages of a running
 * job; this class handles the outputs of earlier jobs, and results under the checkpoint directory.
 */
final class ChunkEditions {
    private final boolean changes;
    private final FinishedChunks finished;
    private final StageWatch watch;
    private final Attempts attempts = new Attempts();
    private final List<ChunkSource> groups = new ArrayList<>();
    private final List<Integer> shuffles = new ArrayList<>();
    private final int partitions;
    private int chunks;
    private boolean dealt;

    /** @param finished null where results are not kept */
    ChunkEditions(RDD<?> input, FinishedChunks finished, StageWatch watch) {
        this.changes = Determinism.changes(input);
        this.partitions = input.getNumPartitions();
        this.finished = finished;
        this.watch = watch;
    }

    /** @param shuffle number 1 */
    void of(int shuffle) {
        chunks = shuffle;
    }

    /** @param shuffle that the group writes */
    void over(ChunkSource group, int shuffle) {
        groups.add(group);
        shuffles.add(shuffle);
    }

    /** A partition of shuffle 1 is about to be submitted. */
    void asked(int partition) {
        if (!attempts.begins(partition)) {
            return;
        }
        watch.begin();
        if (dealt && changes) {
            voidGroups();
        }
        dealt = true;
    }

    /**
     * A task of a group's stage has failed.
     *
     * @return why the job must end, or null: a stage that was submitted without its input cannot wait for it any more
     */
    String failed(ChunkSource group, ExceptionFailure failure) {
        if (failure.className().equals(ChangedInputException.class.getName())) {
            mixed();
        }
        boolean relied = group.failed();
        return relied && tracker().getNumAvailableOutputs(chunks) < partitions
                ? "tp_generate failed: results that were finished and kept under the checkpoint directory are gone, and so is"
                        + " a part of the input that they were made of: run the query again. " + failure.description()
                : null;
    }

    /** A group read chunks of several attempts of the input: all of them are invalid. On the listener's thread. */
    private void mixed() {
        tracker().unregisterAllMapAndMergeOutput(chunks);
        voidGroups();
    }

    private void voidGroups() {
        if (finished != null) {
            finished.nextEdition();
            groups.forEach(ChunkSource::changed);
        }
        MapOutputTrackerMaster tracker = tracker();
        shuffles.stream().filter(tracker::containsShuffle).forEach(tracker::unregisterAllMapAndMergeOutput);
    }

    private static MapOutputTrackerMaster tracker() {
        return (MapOutputTrackerMaster) SparkEnv.get().mapOutputTracker();
    }
}
