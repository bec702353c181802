package dev.lockstep.graph;

/** How an expert joins its two inner maps. */
public sealed interface Gating {

    /** function(gate) * up. */
    record Plain(ActivationFunction function) implements Gating {}

    /**
     * The gate held below the limit, up within plus and minus the limit; then (up + 1) * gate * sigmoid(alpha * gate):
     * GPT-OSS.
     */
    record Clamped(double limit, double alpha) implements Gating {}
}
