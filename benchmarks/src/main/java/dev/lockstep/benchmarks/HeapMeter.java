package dev.lockstep.benchmarks;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/**
 * Heap bytes that the process allocates, by the counts that the JVM keeps for each thread: of all threads that lived when
 * the meter was made. Reading allocates nothing. What threads allocated that began later or have ended would be missed, so
 * the meter tells whether there are any.
 */
final class HeapMeter {
    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final long started;
    private final long[] ids;
    private boolean complete = true;

    HeapMeter() {
        // In this order: a thread that begins in between makes the meter incomplete, and is not forgotten.
        started = threads.getTotalStartedThreadCount();
        ids = threads.getAllThreadIds();
    }

    /** Bytes that all its threads have allocated since they began. */
    long read() {
        long sum = 0;
        for (long id : ids) {
            long bytes = threads.getThreadAllocatedBytes(id);
            complete &= bytes >= 0; // a thread that has ended has no count
            sum += Math.max(0, bytes);
        }
        return sum;
    }

    /** Whether all allocation up to the last reading was counted: no thread has ended by then, and none begun. */
    boolean isComplete() {
        return complete && threads.getTotalStartedThreadCount() == started;
    }
}
