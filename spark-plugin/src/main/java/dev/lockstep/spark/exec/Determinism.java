package dev.lockstep.spark.exec;

import org.apache.spark.rdd.DeterministicLevel;
import org.apache.spark.rdd.RDD;

/** What Spark knows of an RDD that is computed again. */
final class Determinism {
    private Determinism() {}

    /** Whether each partition then has the same rows in the same order. Behind a shuffle, the order is another one. */
    static boolean keepsOrder(RDD<?> rows) {
        return rows.outputDeterministicLevel().equals(DeterministicLevel.DETERMINATE());
    }

    /** Whether partitions have other rows then. */
    static boolean changes(RDD<?> rows) {
        return rows.outputDeterministicLevel().equals(DeterministicLevel.INDETERMINATE());
    }
}
