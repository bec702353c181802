package dev.lockstep.spark.exec;

/**
 * Tells on the driver when Spark's scheduler begins another attempt at a stage: it then asks for the places of the partitions,
 * in ascending order.
 */
final class Attempts {
    /** The one thread in which the scheduler submits stages. Others that ask, such as the RDD of a coalesce, just look. */
    private static final String SCHEDULER = "dag-scheduler-event-loop";

    private int last = Integer.MAX_VALUE;

    /** Whether an attempt begins with this partition. */
    synchronized boolean begins(int partition) {
        if (!Thread.currentThread().getName().equals(SCHEDULER)) {
            return false;
        }
        boolean first = partition <= last;
        last = partition;
        return first;
    }
}
