package dev.lockstep.backend;

/**
 * Memory outside the Java heap that a step or a program asked for is not to be had. A step that ends so has changed
 * nothing that a repetition does not write again: it can be run once more, or in parts that need less.
 */
public final class OutOfMemoryException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public OutOfMemoryException(String message) {
        super(message);
    }
}
