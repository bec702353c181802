package dev.lockstep.backend.cpu.kernel;

/** The order in which tokens join the set that a draw is made from. */
public interface TokenOrder {

    /** By logit, the larger first, ties by the lower id. */
    TokenOrder BY_LOGIT = NucleusScan::before;

    /** Whether a token joins before another. */
    boolean before(float logit, int token, float otherLogit, int otherToken);
}
