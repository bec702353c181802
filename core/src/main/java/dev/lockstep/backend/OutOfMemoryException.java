package dev.lockstep.backend;

/**
 * A step or a program asked for memory outside the Java heap that is not available. A step that fails in this way
 * leaves nothing behind that a second run would not overwrite. It can be run again, or in parts that need less memory.
 */
public final class OutOfMemoryException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public OutOfMemoryException(String message) {
        super(message);
    }
}
