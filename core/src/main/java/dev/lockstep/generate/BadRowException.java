package dev.lockstep.generate;

/** A request that cannot be run, whatever the others are: its message becomes the row's error. */
final class BadRowException extends Exception {
    BadRowException(String message) {
        super(message);
    }
}
