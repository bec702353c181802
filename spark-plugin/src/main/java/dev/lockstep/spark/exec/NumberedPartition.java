package dev.lockstep.spark.exec;

import org.apache.spark.Partition;

/** A partition that is nothing but its number. */
record NumberedPartition(int index) implements Partition {
    static Partition[] upTo(int count) {
        Partition[] partitions = new Partition[count];
        for (int i = 0; i < count; i++) {
            partitions[i] = new NumberedPartition(i);
        }
        return partitions;
    }

    // Written out because Partition declares both, and a class's own come before a record's.

    @Override
    public int hashCode() {
        return index;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof NumberedPartition partition && partition.index == index;
    }
}
