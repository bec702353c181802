package dev.lockstep.engine;

import dev.lockstep.collective.MeshException;

/** Which of several ranks' errors to show: the one that began it, not those that only heard of it. */
final class Failures {
    private Failures() {}

    static Throwable firstCause(Throwable known, Throwable next) {
        if (known == null || (known instanceof MeshException && !(next instanceof MeshException))) {
            return next;
        }
        return known;
    }

    static RuntimeException unchecked(Throwable failure) {
        Throwable shown = failure instanceof MeshException && failure.getCause() != null ? failure.getCause() : failure;
        if (shown instanceof Error error) {
            throw error;
        }
        return shown instanceof RuntimeException runtime ? runtime : new IllegalStateException(shown);
    }
}
