package dev.lockstep.collective;

/** A collective that cannot complete: another rank failed (the cause is its error) or did not arrive in time. */
public class MeshException extends RuntimeException {

    public MeshException(String message, Throwable cause) {
        super(message, cause);
    }
}
