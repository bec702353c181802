package dev.lockstep.spark.exec;

import dev.lockstep.checkpoint.CheckpointException;
import dev.lockstep.collective.MeshException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeoutException;

/** Distinguishes permanent failures from those that another attempt may not have. */
final class Failures {
    private Failures() {}

    /**
     * Whether the group failed because a rank did not arrive, was cancelled or lost, rather than by a rank's error.
     * Only this may fail a barrier stage, because Spark repeats a failed one as a whole, up to four times.
     */
    static boolean brokenGroup(Throwable failure) {
        Throwable root = root(failure);
        return root instanceof MeshException
                || root instanceof TimeoutException
                || root instanceof InterruptedException
                || root instanceof CancellationException;
    }

    /** The root cause: collectives on other ranks only pass it on. */
    static Throwable root(Throwable failure) {
        Throwable root = failure;
        while ((root instanceof MeshException || root instanceof InferenceException) && root.getCause() != null) {
            root = root.getCause();
        }
        return root;
    }

    /** The root's message, and its kind where the message alone may say little. */
    static String describe(Throwable failure) {
        Throwable root = root(failure);
        boolean speaksForItself = root instanceof IllegalArgumentException
                || root instanceof IllegalStateException
                || root instanceof CheckpointException;
        return speaksForItself && root.getMessage() != null ? root.getMessage() : root.toString();
    }
}
