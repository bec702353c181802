package dev.lockstep.spark.exec;

/** An engine that failed on an executor; the message carries the failed rank's own. */
public final class InferenceException extends RuntimeException {
    private static final long serialVersionUID = 1;

    InferenceException(String message) {
        super(message);
    }

    InferenceException(String message, Throwable cause) {
        super(message, cause);
    }
}
