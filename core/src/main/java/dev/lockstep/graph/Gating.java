package dev.lockstep.graph;

/** How an expert combines the outputs of its gate and up maps. */
public sealed interface Gating {

    /** function(gate) * up. */
    record Plain(ActivationFunction function) implements Gating {}

    /**
     * The gate is clamped from above at the limit, up to within plus and minus the limit; then (up + 1) * gate *
     * sigmoid(alpha * gate): GPT-OSS.
     */
    record Clamped(double limit, double alpha) implements Gating {}
}
