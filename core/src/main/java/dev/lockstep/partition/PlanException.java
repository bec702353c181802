package dev.lockstep.partition;

/** A plan that the independent checker refuses: a defect of the partitioner, never of the user's model. */
public final class PlanException extends IllegalStateException {
    public PlanException(String message) {
        super(message);
    }
}
