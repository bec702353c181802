package dev.lockstep.spark.exec;

import org.apache.spark.TaskContext;

/**
 * Detects that a task was killed while its thread waits in a collective and cannot check. Gives it a moment to end by
 * itself, because a leader that is killed too releases its followers, and then runs the action.
 */
final class InterruptWatch implements AutoCloseable {
    private static final long POLL_MILLIS = 200;
    private static final long GRACE_MILLIS = 3_000;

    private final Thread thread;

    InterruptWatch(TaskContext context, Runnable action) {
        thread = new Thread(
                () -> {
                    try {
                        while (!context.isInterrupted()) {
                            Thread.sleep(POLL_MILLIS);
                        }
                        Thread.sleep(GRACE_MILLIS);
                        action.run();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                "lockstep-interrupt-watch");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
