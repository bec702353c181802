package dev.lockstep.checkpoint;

/** A checkpoint that cannot be read as it is: the message names the file, the tensor or key, what was found and what is expected. */
public class CheckpointException extends RuntimeException {

    public CheckpointException(String message) {
        super(message);
    }

    public CheckpointException(String message, Throwable cause) {
        super(message, cause);
    }
}
