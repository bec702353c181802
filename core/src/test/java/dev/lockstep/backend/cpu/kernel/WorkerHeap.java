package dev.lockstep.backend.cpu.kernel;

import com.sun.management.ThreadMXBean;
import dev.lockstep.backend.cpu.memory.Workers;
import java.lang.management.ManagementFactory;
import java.util.Arrays;

/** What the threads of a pool allocate on the heap. */
final class WorkerHeap {
    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final Workers workers;
    private final long[] before;
    private final long[] after;
    private final Workers.Task first;
    private final Workers.Task last;

    WorkerHeap(Workers workers) {
        this.workers = workers;
        before = new long[workers.threads()];
        after = new long[workers.threads()];
        first = (worker, all) -> before[worker] = ofThisThread();
        last = (worker, all) -> after[worker] = ofThisThread();
    }

    private long ofThisThread() {
        return threads.getThreadAllocatedBytes(Thread.currentThread().getId());
    }

    /** Bytes that all threads together allocate while a step runs some times, what measuring takes included. */
    long allocated(int times, Runnable step) {
        workers.run(first);
        for (int i = 0; i < times; i++) {
            step.run();
        }
        workers.run(last);
        return Arrays.stream(after).sum() - Arrays.stream(before).sum();
    }
}
