package dev.lockstep.verify;

/** A golden case that asks for something that is not supported: reported as such, not as a failure. */
final class UnsupportedCaseException extends RuntimeException {
    UnsupportedCaseException(String message) {
        super(message);
    }
}
