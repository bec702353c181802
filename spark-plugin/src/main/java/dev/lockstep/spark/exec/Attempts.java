package dev.lockstep.spark.exec;

/**
 * Detects on the driver when Spark's scheduler begins another attempt at a stage: it then asks for the preferred
 * locations of the partitions, in ascending order.
 */
final class Attempts {
    /**
     * The one thread in which the scheduler submits stages. Other threads that ask, such as those of a coalesce, do not
     * submit anything.
     */
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
