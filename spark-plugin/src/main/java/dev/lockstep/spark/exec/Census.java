package dev.lockstep.spark.exec;

/**
 * A summary of a partition's rows: their count and the sum of their hashes, independent of their order. Two attempts at
 * a partition with equal censuses hold the same rows.
 */
final class Census {
    private long rows;
    private long sum;

    Census() {}

    Census(long rows, long sum) {
        this.rows = rows;
        this.sum = sum;
    }

    void add(long hash) {
        rows++;
        sum += hash;
    }

    long rows() {
        return rows;
    }

    /** Wraps around. */
    long sum() {
        return sum;
    }

    boolean sameAs(Census other) {
        return rows == other.rows && sum == other.sum;
    }
}
