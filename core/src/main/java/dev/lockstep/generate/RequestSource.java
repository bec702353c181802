package dev.lockstep.generate;

/** Where the leader pulls rows from, as it has room for them. */
public interface RequestSource {

    /** The next request, or null when none is available now. Never blocks. */
    Request poll();

    /** True once {@link #poll} will never yield a request again. */
    boolean exhausted();

    /** Called when the leader has nothing to run: waits until a request may be available, at most about 100 ms. */
    default void await() throws InterruptedException {
        Thread.sleep(1);
    }
}
