package dev.lockstep.spark.exec;

import org.apache.spark.rdd.DeterministicLevel;
import org.apache.spark.rdd.RDD;

/** What Spark knows of the determinism of an RDD. */
final class Determinism {
    private Determinism() {}

    /** Whether a recomputed partition has the same rows in the same order. After a shuffle, the order may differ. */
    static boolean keepsOrder(RDD<?> rows) {
        return rows.outputDeterministicLevel().equals(DeterministicLevel.DETERMINATE());
    }

    /** Whether recomputed partitions have different rows. */
    static boolean changes(RDD<?> rows) {
        return rows.outputDeterministicLevel().equals(DeterministicLevel.INDETERMINATE());
    }
}
